// mox-quickstart: makes the configuration of a new mail server.

#include "cli/main.hpp"
#include "tools/quickstart/quickstarttool.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::quickstarttool::tool(), argc, argv);
}
