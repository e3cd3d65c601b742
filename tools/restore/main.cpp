// mox-restore: data out of a snapshot, a whole directory or messages into one that is in use.

#include "cli/main.hpp"
#include "tools/restore/restore.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::restore::tool(), argc, argv);
}
