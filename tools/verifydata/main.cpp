// mox-verifydata: does a data directory keep its promises? Changes nothing.

#include "cli/main.hpp"
#include "tools/verifydata/verifydata.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::verifydata::tool(), argc, argv);
}
