#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/flags.hpp"
#include "server/imap/parser.hpp"
#include "server/imap/sequence_set.hpp"

// What SEARCH, SORT and THREAD look for (RFC 9051 section 6.4.4, RFC 3501, 5032, 7162, 8474, 8514), as a tree. Keys
// that say the same have one form: UNSEEN is NOT SEEN, OLD is NOT RECENT.

namespace mox::imap {

struct SearchKey {
    enum class Kind {
        all,
        every,     // of `keys`, two at least
        either,    // of two
        negation,  // of one
        numbers,   // `set`
        uids,      // `set`
        recent,    // to this session
        flag,
        keyword,  // `name`, lower case
        larger,   // than `number` bytes
        smaller,
        before,  // `day`, by the date of arrival
        on,
        since,
        sent_before,  // by the Date field
        sent_on,
        sent_since,
        saved_before,  // by when it came into the mailbox
        saved_on,
        saved_since,
        older,  // `number` of seconds or more ago
        younger,
        mod_seq,   // `number` or higher
        email_id,  // `name`
        thread_id,
        from,  // contains `text`, as the following
        to,
        cc,
        bcc,
        subject,
        header,  // field `name`, lower case
        body,
        text,
    };
    Kind kind = Kind::all;
    std::vector<SearchKey> keys;
    SequenceSet set;
    model::Flags flag;
    std::uint64_t number = 0;
    std::int32_t day = 0;  // since 1970-01-01
    std::string name, text;

    friend bool operator==(const SearchKey&, const SearchKey&) = default;
};

inline constexpr std::size_t max_search_depth = 50;  // keys inside keys
inline constexpr std::size_t max_search_keys = 1000;
inline constexpr std::size_t max_search_texts = 64;  // of those that look into files

// Keys up to the end of the command, all of which must hold. Throws SyntaxError.
[[nodiscard]] SearchKey parse_search_keys(Parser& in);
// As a client may write it.
[[nodiscard]] std::string to_string(const SearchKey& key);

// True when a key of that kind is in it.
[[nodiscard]] bool contains(const SearchKey& key, SearchKey::Kind kind);

}  // namespace mox::imap
