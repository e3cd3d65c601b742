// mox-address: adds and removes addresses of accounts.

#include "cli/main.hpp"
#include "tools/address/addresstool.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::addresstool::tool(), argc, argv);
}
