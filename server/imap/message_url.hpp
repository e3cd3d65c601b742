#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/imap/fetch_items.hpp"

namespace mox::imap {

// A message, or some of it, as an IMAP URL names it (RFC 5092 section 3), relative to the session: of the same server
// and account. "/Drafts;UIDVALIDITY=7/;UID=20/;SECTION=1.2/;PARTIAL=0.1024"
struct MessageUrl {
    std::optional<std::string> mailbox;  // UTF-8, normalised; none: the one that is selected
    std::optional<std::uint32_t> uidvalidity;
    std::uint32_t uid = 0;
    Section section;
    std::optional<Partial> partial;

    friend bool operator==(const MessageUrl&, const MessageUrl&) = default;
};

inline constexpr std::size_t max_url_bytes = 8192;

// Nothing for all that is no such URL: other servers, no message, authorisation (RFC 4467), searches, what is broken.
[[nodiscard]] std::optional<MessageUrl> parse_message_url(std::string_view url);

}  // namespace mox::imap
