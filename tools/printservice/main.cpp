// mox-printservice: prints the systemd unit that starts the server of an installation.

#include "cli/main.hpp"
#include "tools/printservice/printservice.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::printservice::tool(), argc, argv);
}
