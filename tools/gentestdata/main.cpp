// mox-gentestdata: a data directory for upgrade tests and demonstrations.

#include "cli/main.hpp"
#include "tools/gentestdata/gentestdata.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::gentestdata::tool(), argc, argv);
}
