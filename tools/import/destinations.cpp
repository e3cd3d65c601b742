#include "tools/import/destinations.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "model/special_use.hpp"

namespace mox::importing {

namespace {

bool matches(const std::vector<std::string>& patterns, const std::string& mailbox) {
    return std::any_of(patterns.begin(), patterns.end(),
                       [&](const std::string& pattern) { return ::fnmatch(pattern.c_str(), mailbox.c_str(), 0) == 0; });
}

// The name whose special use counts: mailboxes at the top, and those that some servers keep below the inbox.
store::SpecialUse special_use_of(const std::string& mailbox) {
    constexpr std::string_view below_inbox = "Inbox/";
    const std::string_view name =
        mailbox.starts_with(below_inbox) ? std::string_view(mailbox).substr(below_inbox.size()) : mailbox;
    return name.find('/') == std::string_view::npos ? model::special_use_by_name(name) : store::SpecialUse::none;
}

}  // namespace

bool Destinations::is_wanted(const std::string& mailbox) const {
    return (rules_.include.empty() || matches(rules_.include, mailbox)) && !matches(rules_.exclude, mailbox);
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
        const auto known = std::find_if(known_.begin(), known_.end(), [&](const KnownMailbox& box) {
            return store::has(box.special_use, special_use);
        });
        if (special_use != store::SpecialUse::none && known != known_.end() && known->name != mailbox) {
            place.mailbox = known->name;
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
