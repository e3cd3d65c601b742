#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/imap/sort_request.hpp"

// Results of searches that clients are told of as they change (RFC 5267 section 4.3), without the database.

namespace mox::imap {

class Selected;

struct Context {
    std::string tag;                      // of the command that asked for it
    bool uids = false;                    // told as UIDs, not as message numbers
    SearchKey key;                        // without message numbers and "$"
    std::vector<SortCriterion> criteria;  // none: in the order of the mailbox
    std::vector<std::uint32_t> result;    // UIDs, in that order; all are in the view

    [[nodiscard]] bool is_sorted() const { return !criteria.empty(); }
};

// The key with message numbers and "$" as the UIDs that they are now: later changes of them do not change results
// (RFC 5267 section 4.3). "*" in UIDs is the largest of now, but what it leaves open stays open: of 5:*, new messages
// are part. Throws Refusal for message numbers that are not there.
[[nodiscard]] SearchKey with_fixed_numbers(SearchKey key, const Selected& view);

// Why results of such a search are not kept up to date; nothing: they are.
[[nodiscard]] std::optional<std::string_view> reason_against_updates(const SearchKey& fixed);

// Results that follow each other.
struct ContextRun {
    std::size_t position = 0;  // of the first of them; 1 is the first of all results
    std::vector<std::uint32_t> uids;
    friend bool operator==(const ContextRun&, const ContextRun&) = default;
};

// Of some UIDs (ascending), those in the result (ascending).
[[nodiscard]] std::vector<std::uint32_t> members(const Context& context, const std::vector<std::uint32_t>& uids);
// Takes some UIDs out (ascending; others are skipped). The position of a run is that after the runs before it are gone.
[[nodiscard]] std::vector<ContextRun> take_out(Context& context, const std::vector<std::uint32_t>& uids);
// Puts new results in: uids[i] before the one that stood at places[i], places ascending, in the order of the result.
// The position of a run is that after the runs before it were put in.
[[nodiscard]] std::vector<ContextRun> put_in(Context& context, const std::vector<std::uint32_t>& uids,
                                             const std::vector<std::size_t>& places);

// Appends "* ESEARCH (TAG "a") UID ADDTO (1 3:5)"; nothing without runs. Positions are told for sorted results only:
// others are in the order of the mailbox, which the client knows.
enum class ContextChange { add_to, remove_from };
void write_change(std::string& out, const Context& context, ContextChange change, const std::vector<ContextRun>& runs,
                  const Selected& view);

}  // namespace mox::imap
