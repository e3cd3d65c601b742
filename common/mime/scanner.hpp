#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "mime/message.hpp"

namespace mox::mime {

// Parts inside parts, the message itself included; what lies deeper stays opaque. DefectKind::too_deep.
inline constexpr std::size_t max_depth = 100;
// Parts of one message, the message itself included; later ones stay opaque. DefectKind::too_many_parts.
inline constexpr std::size_t max_parts = 10'000;
// Memory for the texts of one message (names, parameters, envelopes). DefectKind::structure_too_large.
inline constexpr std::size_t max_structure_bytes = 8U << 20U;
inline constexpr std::size_t max_defects = 50;
// A longer boundary is not used; RFC 2046 section 5.1.1 allows 70. DefectKind::missing_boundary.
inline constexpr std::size_t max_boundary_bytes = 500;

// Reads a message as it arrives, in pieces of any size, and gives its structure. The result depends only on the bytes,
// not on how they were split. Lines end in CRLF or LF. Memory: a bounded part of one header, and the structure; nothing
// grows with the size of parts. Never throws for contents. One object reads many messages, one after the other; not
// from two threads at a time.
//
//   Scanner scanner;
//   while (const auto bytes = next_bytes()) scanner.feed(*bytes);
//   const Message message = scanner.finish();
class Scanner {
public:
    Scanner();
    ~Scanner();
    Scanner(Scanner&&) noexcept;
    Scanner& operator=(Scanner&&) noexcept;

    void feed(std::string_view bytes);
    // The message of everything fed since construction or the last finish(), then starts again.
    [[nodiscard]] Message finish();

private:
    friend Part scan_parts(std::string_view bytes);
    class State;
    std::unique_ptr<State> state_;
};

// The message in one call.
[[nodiscard]] Message scan(std::string_view bytes);
// Only its parts, in less time: no envelopes, no date, no threading, and no defects of those.
[[nodiscard]] Part scan_parts(std::string_view bytes);

}  // namespace mox::mime
