#pragma once

#include <string>
#include <string_view>

#include "model/flags.hpp"
#include "server/imap/parser.hpp"

// Flags and keywords on the wire.

namespace mox::imap {

// "\Recent \Seen $Junk custom": flags, then keywords as the database has them (sorted, separated by spaces).
void append_flags(std::string& out, model::Flags flags, std::string_view keywords, bool recent = false);
[[nodiscard]] std::string flags_text(model::Flags flags, std::string_view keywords);

struct FlagList {
    model::Flags flags;
    model::Keywords keywords;  // normalised
};
// "(\Seen custom)". Throws SyntaxError for what cannot be set.
[[nodiscard]] FlagList parse_flag_list(Parser& in);
// The same, or flags without parentheses up to the end (RFC 9051 section 9, store-att-flags).
[[nodiscard]] FlagList parse_store_flags(Parser& in);

}  // namespace mox::imap
