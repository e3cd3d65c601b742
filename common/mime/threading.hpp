#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What puts messages into threads: ids, references and base subjects (RFC 5256 section 2.1, adapted).

namespace mox::mime {

// References kept of one message: the last ones, which are tried first.
inline constexpr std::size_t max_references = 1'000;

// The id without its angle brackets, in lower case, quotes of the localpart only where needed; "" when `value` has
// none. Text after ">" is tolerated when it starts with a blank.
[[nodiscard]] std::string canonical_message_id(std::string_view value);

// The canonical ids of the References field, oldest first; without any, the first of In-Reply-To. Blanks inside ids are
// removed. Both values may be folded; an absent field is empty.
[[nodiscard]] std::vector<std::string> reference_ids(std::string_view references, std::string_view in_reply_to);

struct BaseSubject {
    std::string text;                  // lower case, runs of blanks as one, prefixes and suffixes removed
    bool is_reply_or_forward = false;  // something of "re:", "fw:", "fwd:", "(fwd)", "[fwd: ]" was removed

    friend bool operator==(const BaseSubject&, const BaseSubject&) = default;
};
// Of a decoded subject. A subject with NUL has no base: "".
[[nodiscard]] BaseSubject base_subject(std::string_view subject);

// Of one message, from its header.
struct Threading {
    std::string message_id;               // canonical, "" without
    std::vector<std::string> references;  // canonical, oldest first
    BaseSubject subject;
};

}  // namespace mox::mime
