// mox-config: looks at the configuration of an installation, and describes what it can be.

#include "cli/main.hpp"
#include "tools/config/configtool.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::configtool::tool(), argc, argv);
}
