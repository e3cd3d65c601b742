#include "server/imap/sort_values.hpp"

#include <algorithm>

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

}  // namespace

SortValue sort_value(Key key, const MessageRow& row) {
    static const mime::EnvelopeView nothing;
    const auto& envelope = row.envelope == nullptr ? nothing : *row.envelope;
    switch (key) {
        case Key::arrival:
            return {.number = row.received.seconds};
        case Key::date:
            return {.number = row.sent.seconds};
        case Key::size:
            return {.number = static_cast<std::int64_t>(row.size)};
        case Key::subject:
            return {.text = collated(row.subject_base)};
        case Key::cc:
            return {.text = mailbox(envelope.cc)};
        case Key::from:
            return {.text = mailbox(envelope.from)};
        case Key::to:
            return {.text = mailbox(envelope.to)};
        case Key::display_from:
            return {.text = display(envelope.from)};
        case Key::display_to:
            return {.text = display(envelope.to)};
    }
    return {};
}

MessageRows::Structures structures_for(const std::vector<SortCriterion>& criteria) {
    const bool needed = std::ranges::any_of(criteria, [](const SortCriterion& criterion) {
        return criterion.key != Key::arrival && criterion.key != Key::size && criterion.key != Key::subject;
    });
    return needed ? MessageRows::Structures::with : MessageRows::Structures::without;
}

void SortPlaces::sort(std::vector<std::uint32_t>& uids) {
    std::ranges::sort(uids, [this](std::uint32_t a, std::uint32_t b) { return is_before(a, b); });
}

std::size_t SortPlaces::place_in(const std::vector<std::uint32_t>& sorted, std::uint32_t uid) {
    const auto at =
        std::ranges::lower_bound(sorted, uid, [this](std::uint32_t a, std::uint32_t b) { return is_before(a, b); });
    return static_cast<std::size_t>(at - sorted.begin());
}

const std::vector<SortValue>& SortPlaces::values_of(std::uint32_t uid) {
    const auto known = known_.try_emplace(uid);
    auto& values = known.first->second;
    const auto position = view_.find(store::Uid{uid});
    if (known.second && position)
        visit_row(account_, view_.message(*position), structures_for(criteria_), [&](const MessageRow& row) {
            for (const auto& criterion : criteria_) values.push_back(sort_value(criterion.key, row));
        });
    return values;
}

bool SortPlaces::is_before(std::uint32_t a, std::uint32_t b) {
    const auto& of_a = values_of(a);
    const auto& of_b = values_of(b);
    for (std::size_t i = 0; i < std::min(of_a.size(), of_b.size()); ++i) {
        const auto compared = of_a[i] <=> of_b[i];
        if (compared != 0) return criteria_[i].reverse ? compared > 0 : compared < 0;
    }
    return a < b;
}

}  // namespace mox::imap
