// gencompletions: writes the completions of all commands into a folder.

#include "cli/main.hpp"
#include "tools/gencompletions/gencompletions.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::gencompletions::tool(), argc, argv);
}
