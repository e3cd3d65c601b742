#include "cli/completion_scripts.hpp"

namespace mox::cli {

std::string zsh_script(const ScriptInput&) {
    return {};
}
std::string zsh_dispatcher_script(const ScriptInput&) {
    return {};
}

}  // namespace mox::cli
