// mox-queue: lists, hurries and drops messages of the queue.

#include "cli/main.hpp"
#include "tools/queue/queuetool.hpp"

int main(int argc, char** argv) {
    return mox::cli::main(mox::queuetool::tool(), argc, argv);
}
