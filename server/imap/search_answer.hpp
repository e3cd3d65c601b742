#pragma once

#include <string>

#include "server/imap/search_request.hpp"
#include "server/imap/search_run.hpp"

namespace mox::imap {

struct SearchAnswer {
    std::string tag;
    bool uids = false;
    bool with_modseq = false;  // a key asked for such (RFC 7162 section 3.1.5)
};

// Matches are in the order that was asked for: that of the mailbox for SEARCH.

// "* SEARCH 1 2 3", as RFC 3501 has it, in one line: of several, many clients see but one. `name`: SEARCH or SORT.
void write_classic(std::string& out, const SearchAnswer& answer, const Selected& view,
                   const std::vector<SearchRun::Match>& matches, std::string_view name);
// "* ESEARCH (TAG "a") MIN 1 …", RFC 4731; nothing if only SAVE was asked for. Of SORT, MIN is the first and ALL in
// order (RFC 5267 section 3.1).
void write_extended(std::string& out, const SearchAnswer& answer, const ReturnOptions& returns, const Selected& view,
                    const std::vector<SearchRun::Match>& matches);
// What "$" stands for afterwards (RFC 9051 section 6.4.4.1, RFC 9394 section 3.2): all, or only what MIN, MAX and
// PARTIAL gave.
[[nodiscard]] NumberRanges saved_result(const ReturnOptions& returns, const Selected& view,
                                        const std::vector<SearchRun::Match>& matches);

}  // namespace mox::imap
