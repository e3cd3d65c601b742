#include "cli/completion_scripts.hpp"

namespace mox::cli {

std::string fish_script(const ScriptInput&) {
    return {};
}
std::string fish_dispatcher_script(const ScriptInput&) {
    return {};
}

}  // namespace mox::cli
