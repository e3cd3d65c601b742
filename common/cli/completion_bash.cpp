#include "cli/completion_scripts.hpp"

namespace mox::cli {

std::string bash_script(const ScriptInput&) {
    return {};
}
std::string bash_dispatcher_script(const ScriptInput&) {
    return {};
}

}  // namespace mox::cli
