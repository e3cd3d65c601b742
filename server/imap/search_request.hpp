#pragma once

#include <optional>
#include <string>

#include "server/imap/page.hpp"
#include "server/imap/search_key.hpp"

namespace mox::imap {

// What is wanted of a search's result, of SEARCH or SORT (RFC 9051 section 6.4.4, RFC 4731, RFC 5267, RFC 9394).
struct ReturnOptions {
    bool min = false, max = false, all = false, count = false, save = false;
    bool context = false;      // a hint that the search will be used again
    bool update = false;       // its result is to be kept up to date (RFC 5267 section 4.3)
    std::optional<Page> page;  // PARTIAL; never with `all`
    friend bool operator==(const ReturnOptions&, const ReturnOptions&) = default;
};

struct SearchRequest {
    std::optional<ReturnOptions> returns;  // nullopt: an answer as RFC 3501 has it
    SearchKey key;
    friend bool operator==(const SearchRequest&, const SearchRequest&) = default;
};

// All behind "SEARCH ". Throws SyntaxError, and Refusal for a charset that nobody reads here.
[[nodiscard]] SearchRequest parse_search(Parser& in);
[[nodiscard]] std::string to_string(const SearchRequest& request);

// "RETURN (…) ", if it is there. RETURN () means ALL.
[[nodiscard]] std::optional<ReturnOptions> parse_return_options(Parser& in);
[[nodiscard]] std::string to_string(const ReturnOptions& options);
// The name of a charset. Throws Refusal unless it is US-ASCII or UTF-8.
void parse_charset(Parser& in);

}  // namespace mox::imap
