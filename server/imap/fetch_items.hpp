#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/parser.hpp"

// What FETCH can be asked for: RFC 9051 section 6.4.5, and of RFC 3501 what later became obsolete.

namespace mox::imap {

// Of a message or one of its parts (RFC 9051 section 6.4.5.1).
struct Section {
    enum class Text { all, header, header_fields, header_fields_not, text, mime };
    std::vector<std::uint32_t> part;  // "1.2.3"; empty: the message
    Text what = Text::all;
    std::vector<std::string> fields;  // as written

    friend bool operator==(const Section&, const Section&) = default;
};

struct Partial {
    std::uint64_t offset = 0, size = 0;  // bytes
    friend bool operator==(const Partial&, const Partial&) = default;
};

struct FetchItem {
    enum class Kind {
        body,  // BODY[section]
        body_structure,
        body_structure_without_extension,  // BODY
        binary,
        binary_size,
        email_id,  // RFC 8474
        envelope,
        flags,
        internal_date,
        mod_seq,  // RFC 7162
        rfc822,
        rfc822_header,
        rfc822_text,
        rfc822_size,
        save_date,  // RFC 8514
        thread_id,  // RFC 8474
        uid,
    };
    Kind kind{};
    bool peek = false;  // does not set \Seen
    Section section;    // body, binary, binary_size; these also of texts, which then are as they are
    std::optional<Partial> partial;

    friend bool operator==(const FetchItem&, const FetchItem&) = default;
};

inline constexpr std::size_t max_fetch_items = 200;
// Parts inside parts go no deeper than what is read of a message (mime/scanner.hpp).
inline constexpr std::size_t max_section_depth = 200;

// One item, a macro, or a list of items. Throws SyntaxError.
[[nodiscard]] std::vector<FetchItem> parse_fetch_items(Parser& in);
// As a client may write it.
[[nodiscard]] std::string to_string(const FetchItem& item);
[[nodiscard]] std::string to_string(const std::vector<FetchItem>& items);
// How the answer names it: without PEEK, of a partial only where it starts, names of fields as headers spell them.
[[nodiscard]] std::string answer_name(const FetchItem& item);

// True when an answer with this item makes a message \Seen.
[[nodiscard]] bool sets_seen(const FetchItem& item);

}  // namespace mox::imap
