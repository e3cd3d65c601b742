// mox-domain: adds and removes domains, and prints their DNS records.

#include "cli/main.hpp"
#include "tools/domain/domaintool.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::domaintool::tool(), argc, argv);
}
