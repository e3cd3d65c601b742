// mox-export: mail of an account for other programs, beside a running server.

#include "cli/main.hpp"
#include "tools/export/exporting.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::exporting::tool(), argc, argv);
}
