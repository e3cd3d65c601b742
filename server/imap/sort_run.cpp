#include "server/imap/sort_run.hpp"

#include <algorithm>
#include <numeric>

#include "mime/fold.hpp"

namespace mox::imap {

namespace {

using Key = SortCriterion::Key;

// RFC 5256 section 5: as i;ascii-casemap (RFC 4790 section 9.2) has the order of letters.
std::string collated(std::string_view text) {
    std::string out = mime::folded(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
}

// The mailbox of the first address; of a group its name.
std::string mailbox(const mime::AddressesView& list) {
    if (list.empty()) return {};
    const auto first = *list.begin();
    return collated(first.kind == mime::AddressKind::mailbox ? first.localpart : first.name);
}

// RFC 5957 section 2: its name, else its address.
std::string display(const mime::AddressesView& list) {
    if (list.empty()) return {};
    const auto first = *list.begin();
    if (!first.name.empty() || first.kind != mime::AddressKind::mailbox) return collated(first.name);
    return collated(std::string(first.localpart) + (first.host.empty() ? "" : "@" + std::string(first.host)));
}

bool is_number(Key key) {
    return key == Key::arrival || key == Key::date || key == Key::size;
}

}  // namespace

SortRun::SortRun(std::vector<SortCriterion> criteria, const Selected& view,
                 const std::vector<SearchRun::Match>& matches)
    : criteria_(std::move(criteria)),
      matches_(matches),
      rows_(view, matches),
      columns_(criteria_.size()) {}

bool SortRun::step(store::Account& account) {
    return rows_.step(account, [this](const MessageRow& row) { add(row); });
}

void SortRun::add(const MessageRow& row) {
    static const mime::EnvelopeView nothing;
    const auto& envelope = row.envelope == nullptr ? nothing : *row.envelope;
    for (std::size_t i = 0; i < criteria_.size(); ++i) {
        auto& column = columns_[i];
        switch (criteria_[i].key) {
            case Key::arrival:
                column.numbers.push_back(row.received.seconds);
                break;
            case Key::date:
                column.numbers.push_back(row.sent.seconds);
                break;
            case Key::size:
                column.numbers.push_back(static_cast<std::int64_t>(row.size));
                break;
            case Key::subject:
                column.texts.push_back(collated(row.subject_base));
                break;
            case Key::cc:
                column.texts.push_back(mailbox(envelope.cc));
                break;
            case Key::from:
                column.texts.push_back(mailbox(envelope.from));
                break;
            case Key::to:
                column.texts.push_back(mailbox(envelope.to));
                break;
            case Key::display_from:
                column.texts.push_back(display(envelope.from));
                break;
            case Key::display_to:
                column.texts.push_back(display(envelope.to));
                break;
        }
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
