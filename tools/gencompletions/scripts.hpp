#pragma once

#include <map>
#include <string>

namespace mox::gencompletions {

// Path below completions/ to contents, for every tool of this build and the dispatcher.
[[nodiscard]] std::map<std::string, std::string> all_scripts();

}  // namespace mox::gencompletions
