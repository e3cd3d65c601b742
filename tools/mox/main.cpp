// mox: runs the command that is named, each of which is a program of its own.

#include "tools/mox/dispatcher.hpp"

int main(int argc, char** argv) {
    return mox::dispatcher::main(argc, argv);
}
