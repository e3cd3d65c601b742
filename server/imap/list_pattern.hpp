#pragma once

#include <string>
#include <string_view>

namespace mox::imap {

// True when a mailbox's name fits a pattern of LIST: "*" is anything, "%" anything without '/' (RFC 9051
// section 6.3.9). The word "Inbox" at the start of a name fits in any case. Takes time in proportion to the product of
// both lengths.
[[nodiscard]] bool matches_pattern(std::string_view name, std::string_view pattern);

// A reference and a pattern put together.
[[nodiscard]] std::string joined_pattern(std::string_view reference, std::string_view pattern);

}  // namespace mox::imap
