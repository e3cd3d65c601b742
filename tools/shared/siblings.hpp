#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace mox::tools {

// The program `name` beside the running executable (`argv0` is what it was started as), else in $PATH; nullopt when
// there is none that may be executed.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view name, std::string_view argv0);

}  // namespace mox::tools
