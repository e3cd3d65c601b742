#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "store/message_file.hpp"

namespace mox::repair {

// What the file of a message says.
struct ReadFile {
    store::WrittenFile file;  // parsed with the prefix in front
    Timestamp received;       // of the topmost Received field; otherwise when the file was written
};

// nullopt when there is no regular file, or when it cannot be opened; links are not followed. Throws what reading fails
// with.
[[nodiscard]] std::optional<ReadFile> read_message_file(const std::filesystem::path& path, std::string_view prefix);

}  // namespace mox::repair
