#pragma once

#include <compare>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/imap/message_rows.hpp"
#include "server/imap/sort_request.hpp"

namespace mox::imap {

// What one criterion makes of a message: a number or a text, by which it is sorted. It never changes.
struct SortValue {
    std::int64_t number = 0;
    std::string text;  // collated
    friend auto operator<=>(const SortValue&, const SortValue&) = default;
};
[[nodiscard]] SortValue sort_value(SortCriterion::Key key, const MessageRow& row);

// Which rows the criteria need.
[[nodiscard]] MessageRows::Structures structures_for(const std::vector<SortCriterion>& criteria);

// Finds where messages belong in a list that is sorted already, by looking at few of the list. Within one step.
class SortPlaces {
public:
    SortPlaces(const std::vector<SortCriterion>& criteria, const Selected& view, store::Account& account)
        : criteria_(criteria),
          view_(view),
          account_(account) {}

    // UIDs of the view.
    void sort(std::vector<std::uint32_t>& uids);
    // The place in `sorted` before which a message belongs.
    [[nodiscard]] std::size_t place_in(const std::vector<std::uint32_t>& sorted, std::uint32_t uid);

private:
    [[nodiscard]] const std::vector<SortValue>& values_of(std::uint32_t uid);
    [[nodiscard]] bool is_before(std::uint32_t a, std::uint32_t b);

    const std::vector<SortCriterion>& criteria_;
    const Selected& view_;
    store::Account& account_;
    std::unordered_map<std::uint32_t, std::vector<SortValue>> known_;
};

}  // namespace mox::imap
