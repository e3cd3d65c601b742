// mox-backup: a consistent snapshot of a data directory, beside a running server.

#include "cli/main.hpp"
#include "tools/backup/backup.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::backup::tool(), argc, argv);
}
