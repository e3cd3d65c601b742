#pragma once

#include <filesystem>
#include <string>

namespace mox::tools {

// An installation, all paths absolute.
struct Installation {
    std::filesystem::path directory;  // that the server works in
    std::filesystem::path program;    // mox
    std::filesystem::path config;     // folder of mox.conf
    std::filesystem::path data;       // data directory
    std::string user = "mox";         // that the server becomes: a name or a number
};

// The unit that starts the server there as root; the server drops what it does not need (docs/operations.md). Throws
// Error{usage} for a path that no unit can name: with a control character, or not UTF-8.
[[nodiscard]] std::string unit_for(const Installation& installation);

}  // namespace mox::tools
