#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Flags and keywords of messages: RFC 9051 section 2.3.2, and the keywords that RFC 5788 registers and the original
// mox keeps as flags. Names are case-insensitive; keywords are kept in lower case.

namespace mox::model {

// The values are on disk (placement.flags): never change or reuse one.
enum class Flag : std::uint32_t {
    seen = 1U << 0,
    answered = 1U << 1,
    flagged = 1U << 2,
    deleted = 1U << 3,
    draft = 1U << 4,
    junk = 1U << 5,       // $Junk
    not_junk = 1U << 6,   // $NotJunk
    forwarded = 1U << 7,  // $Forwarded
    phishing = 1U << 8,   // $Phishing
    mdn_sent = 1U << 9,   // $MDNSent
};

// A set of flags.
class Flags {
public:
    constexpr Flags() = default;
    constexpr Flags(Flag flag) : bits_(static_cast<std::uint32_t>(flag)) {}  // NOLINT: a flag is a set of one
    [[nodiscard]] static constexpr Flags from_bits(std::uint32_t bits) {
        Flags flags;
        flags.bits_ = bits;
        return flags;
    }
    [[nodiscard]] static constexpr Flags all() { return from_bits((1U << 10) - 1); }

    [[nodiscard]] constexpr std::uint32_t bits() const { return bits_; }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    [[nodiscard]] constexpr bool has(Flag flag) const { return (bits_ & static_cast<std::uint32_t>(flag)) != 0; }
    // The set with, or without, the flags of `other`.
    [[nodiscard]] constexpr Flags with(Flags other) const { return from_bits(bits_ | other.bits_); }
    [[nodiscard]] constexpr Flags without(Flags other) const { return from_bits(bits_ & ~other.bits_); }
    friend constexpr bool operator==(Flags, Flags) = default;

private:
    std::uint32_t bits_ = 0;
};
[[nodiscard]] constexpr Flags operator|(Flag a, Flag b) {
    return Flags(a).with(b);
}
[[nodiscard]] constexpr Flags operator|(Flags a, Flag b) {
    return a.with(b);
}

// "\Seen", "$Junk", … in any case, and the unprefixed spellings that other programs write for the last five ("junk",
// "nonjunk", "$nonjunk", "notjunk", "forwarded", "phishing", "mdnsent"); nullopt for anything else.
[[nodiscard]] std::optional<Flag> flag_from_name(std::string_view name);
// Only the exact IMAP names, in any case.
[[nodiscard]] std::optional<Flag> flag_from_imap_name(std::string_view name);
// The IMAP name with its usual spelling: "\Seen", "$NotJunk".
[[nodiscard]] std::string_view imap_name(Flag flag);
// All IMAP names of a set, in the order of the enumeration.
[[nodiscard]] std::vector<std::string_view> imap_names(Flags flags);

// Longest keyword in bytes. IMAP sets no limit; this one keeps a FLAGS answer of many keywords readable.
inline constexpr std::size_t max_keyword_bytes = 200;

// Why `keyword` (any case) cannot be a keyword, for people; empty when it can. Valid: 1 to max_keyword_bytes characters
// 0x21 to 0x7e, none of ( ) { % * " \ ], and not the name of a flag.
[[nodiscard]] std::string_view keyword_problem(std::string_view keyword);
[[nodiscard]] inline bool is_keyword(std::string_view keyword) {
    return keyword_problem(keyword).empty();
}

// Keywords of one message or mailbox: lower case, sorted, each once.
using Keywords = std::vector<std::string>;

// Lower case, sorted, without repetitions. Does not look at validity.
[[nodiscard]] Keywords normalised(Keywords keywords);
// The union of two normalised lists.
[[nodiscard]] Keywords merged(const Keywords& a, const Keywords& b);
// The form in databases: normalised keywords joined by single spaces.
[[nodiscard]] std::string joined(const Keywords& keywords);
[[nodiscard]] Keywords split_keywords(std::string_view text);

// A name with every character that no keyword may have as '_', and cut to max_keyword_bytes; "" when no letter or digit
// is left to tell it by.
[[nodiscard]] std::string repaired_keyword(std::string_view name);

// What other software calls a flag or keyword, sorted into both kinds. Invalid names are repaired and noted in
// `repaired`, or, where that is not possible, added to `rejected` (as they came) and skipped; names of flags that no
// message may carry here (\Recent) are dropped.
struct FlagsAndKeywords {
    Flags flags;
    Keywords keywords;
    std::vector<std::string> rejected;
    struct Repair {
        std::string name;     // as it came
        std::string keyword;  // what it became
        friend bool operator==(const Repair&, const Repair&) = default;
    };
    std::vector<Repair> repaired;
};
void add_foreign_name(FlagsAndKeywords& to, std::string_view name);

}  // namespace mox::model
