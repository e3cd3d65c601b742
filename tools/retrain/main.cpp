// mox-retrain: makes junk filters anew from the flags of messages, beside a running server.

#include "cli/main.hpp"
#include "tools/retrain/retrain.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::retrain::tool(), argc, argv);
}
