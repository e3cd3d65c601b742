// mox-import: mail of other programs into a mailbox, beside a running server.

#include "cli/main.hpp"
#include "tools/import/importing.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::importing::tool(), argc, argv);
}
