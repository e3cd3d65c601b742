#include "server/imap/sort_run.hpp"

#include <algorithm>
#include <numeric>

#include "server/imap/sort_values.hpp"

namespace mox::imap {

namespace {

using Key = SortCriterion::Key;

bool is_number(Key key) {
    return key == Key::arrival || key == Key::date || key == Key::size;
}

}  // namespace

SortRun::SortRun(std::vector<SortCriterion> criteria, const Selected& view,
                 const std::vector<SearchRun::Match>& matches)
    : criteria_(std::move(criteria)),
      matches_(matches),
      rows_(view, matches, structures_for(criteria_)),
      columns_(criteria_.size()) {}

bool SortRun::step(store::Account& account) {
    return rows_.step(account, [this](const MessageRow& row) { add(row); });
}

void SortRun::add(const MessageRow& row) {
    for (std::size_t i = 0; i < criteria_.size(); ++i) {
        auto value = sort_value(criteria_[i].key, row);
        if (is_number(criteria_[i].key))
            columns_[i].numbers.push_back(value.number);
        else
            columns_[i].texts.push_back(std::move(value.text));
    }
}

std::vector<SearchRun::Match> SortRun::sorted() const {
    std::vector<std::uint32_t> order(matches_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
        for (std::size_t i = 0; i < criteria_.size(); ++i) {
            const auto& column = columns_[i];
            const auto compared = is_number(criteria_[i].key) ? column.numbers[a] <=> column.numbers[b]
                                                              : column.texts[a] <=> column.texts[b];
            if (compared != 0) return criteria_[i].reverse ? compared > 0 : compared < 0;
        }
        return a < b;
    });
    std::vector<SearchRun::Match> out;
    out.reserve(order.size());
    for (const auto index : order) out.push_back(matches_[index]);
    return out;
}

}  // namespace mox::imap
