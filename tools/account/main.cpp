// mox-account: adds and removes accounts.

#include "cli/main.hpp"
#include "tools/account/accounttool.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::accounttool::tool(), argc, argv);
}
