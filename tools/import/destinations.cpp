#include "tools/import/destinations.hpp"

#include <fnmatch.h>

#include <utility>

#include "base/encoding.hpp"
#include "model/special_use.hpp"

namespace mox::importing {

namespace {

// The name whose special use counts: mailboxes at the top, and those that some servers keep below the inbox.
store::SpecialUse special_use_of(const std::string& mailbox) {
    constexpr std::string_view below_inbox = "Inbox/";
    const std::string_view name =
        mailbox.starts_with(below_inbox) ? std::string_view(mailbox).substr(below_inbox.size()) : mailbox;
    return name.find('/') == std::string_view::npos ? model::special_use_by_name(name) : store::SpecialUse::none;
}

}  // namespace

Destinations::Destinations(DestinationRules rules, const std::vector<KnownMailbox>& known) : rules_(std::move(rules)) {
    for (const auto& pattern : rules_.include) include_.push_back({.text = pattern});
    for (const auto& pattern : rules_.exclude) exclude_.push_back({.text = pattern});
    for (const auto& box : known)
        for (const auto use : {store::SpecialUse::archive, store::SpecialUse::drafts, store::SpecialUse::junk,
                               store::SpecialUse::sent, store::SpecialUse::trash})
            if (store::has(box.special_use, use)) by_use_.try_emplace(use, box.name);
}

// All patterns are tried, to know those that nothing matches.
bool Destinations::matches(std::vector<Pattern>& patterns, const std::string& mailbox) {
    bool any = false;
    for (auto& pattern : patterns) {
        if (::fnmatch(pattern.text.c_str(), mailbox.c_str(), 0) != 0) continue;
        pattern.matched = any = true;
    }
    return any;
}

bool Destinations::is_wanted(const std::string& mailbox) {
    const bool excluded = matches(exclude_, mailbox);
    return (include_.empty() || matches(include_, mailbox)) && !excluded;
}

std::vector<std::string> Destinations::unmatched_patterns() const {
    std::vector<std::string> unmatched;
    for (const auto* const patterns : {&include_, &exclude_})
        for (const auto& pattern : *patterns)
            if (!pattern.matched) unmatched.push_back(pattern.text);
    return unmatched;
}

Destinations::Place Destinations::place_of(const intake::TreeFolder& folder) {
    auto [mailbox, changes] = names_.map(folder.name);
    Place place{.mailbox = mailbox, .changes = std::move(changes)};
    const bool wanted = is_wanted(mailbox);
    store::SpecialUse special_use = store::SpecialUse::none;
    if (!rules_.into.empty()) {
        place.mailbox = rules_.into;
        place.changes.clear();
    } else if (!rules_.prefix.empty()) {
        place.mailbox = rules_.prefix + "/" + mailbox;
    } else if (rules_.map_special_use) {
        special_use = special_use_of(mailbox);
        const auto known = by_use_.find(special_use);
        if (known != by_use_.end() && known->second != mailbox) {
            place.mailbox = known->second;
            place.changes.emplace_back("the account's mailbox for that use");
        }
    }
    if (wanted) place.target = target(place.mailbox, special_use, folder.subscribed);
    return place;
}

std::size_t Destinations::target(const std::string& mailbox, store::SpecialUse special_use, bool subscribed) {
    const auto [found, is_new] = by_name_.try_emplace(mailbox, targets_.size());
    if (is_new) {
        targets_.push_back({.mailbox = mailbox,
                            .special_use = special_use,
                            .subscribe = subscribed ? store::Subscribe::yes : store::Subscribe::no,
                            .junk = rules_.junk.effect(mailbox, store::SpecialUse::none)});
    } else if (subscribed) {
        targets_[found->second].subscribe = store::Subscribe::yes;
    }
    return found->second;
}

}  // namespace mox::importing
