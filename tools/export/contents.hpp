#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "outlet/contents.hpp"
#include "store/types.hpp"

namespace mox::exporting {

// Contents up to this size are held in memory; larger ones are read once to check them and again to write them.
inline constexpr std::int64_t largest_in_memory = 1 << 20;

struct LoadedMessage {
    outlet::Contents contents;   // prefix and file
    std::string start;           // of contents that are not held in memory: enough to find the sender
    bool is_unreadable = false;  // there are no contents
    std::string problem;         // "" when all is well; otherwise what is wrong: "has 12 bytes instead of 80"

    [[nodiscard]] std::string_view header() const { return contents.stream ? start : contents.text; }
};

// Reads the file of a message and compares it with what the database says. Contents of the wrong size or hash are
// contents all the same. Callable from any thread; throws only Interrupted and when the system runs out of resources.
[[nodiscard]] LoadedMessage load(const std::filesystem::path& file, const store::Message& message);

// The sender for a From line: of the delivery when there was one, else of Return-Path or From.
[[nodiscard]] std::string sender_of(const std::optional<std::string>& mail_from, std::string_view header);

}  // namespace mox::exporting
