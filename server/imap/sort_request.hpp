#pragma once

#include <string>
#include <vector>

#include "server/imap/search_request.hpp"

// SORT and THREAD as clients ask for them (RFC 5256, RFC 5957, RFC 5267 section 3).

namespace mox::imap {

struct SortCriterion {
    enum class Key { arrival, cc, date, display_from, display_to, from, size, subject, to };
    Key key{};
    bool reverse = false;
    friend bool operator==(const SortCriterion&, const SortCriterion&) = default;
};
inline constexpr std::size_t max_sort_criteria = 20;

struct SortRequest {
    std::optional<ReturnOptions> returns;  // nullopt: an answer as RFC 5256 has it
    std::vector<SortCriterion> criteria;
    SearchKey key;
    friend bool operator==(const SortRequest&, const SortRequest&) = default;
};
enum class Threading { ordered_subject, references };
struct ThreadRequest {
    Threading threading{};
    SearchKey key;
};

// All behind "SORT " and "THREAD ". Throw SyntaxError, and Refusal for a charset that nobody reads here.
[[nodiscard]] SortRequest parse_sort(Parser& in);
[[nodiscard]] std::string to_string(const SortRequest& request);
[[nodiscard]] ThreadRequest parse_thread(Parser& in);

}  // namespace mox::imap
