#include "server/imap/list_names.hpp"

#include "model/mailbox_name.hpp"
#include "server/imap/mailbox_names.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

std::map<std::string, ListedName> listed_names(db::Database& database) {
    std::map<std::string, ListedName> names;
    for (auto& mailbox : store::list_mailboxes(database)) {
        const std::string name = mailbox.name;
        if (const auto parent = model::parent_of(name); !parent.empty()) names[std::string(parent)].has_children = true;
        names[name].mailbox = std::move(mailbox);
    }
    for (const auto& name : store::list_subscriptions(database)) {
        names[name].subscribed = true;
        for (const auto ancestor : model::ancestors_of(name)) names[std::string(ancestor)].subscribed_below = true;
    }
    return names;
}

std::string parse_pattern(Session& session, Parser& in) {
    const std::string pattern = in.list_mailbox();
    if (pattern.size() > 2 * model::max_mailbox_name_bytes) throw bad("the pattern is too long");
    return mailbox_from_wire(session.enabled(), pattern);
}

}  // namespace mox::imap
