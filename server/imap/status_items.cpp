#include "server/imap/status_items.hpp"

#include <array>

#include "base/encoding.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/mailbox_names.hpp"
#include "server/imap/object_ids.hpp"
#include "server/imap/updates.hpp"

namespace mox::imap {

namespace {

struct Name {
    std::string_view name;
    StatusItem item;
};
constexpr std::array names{Name{"MESSAGES", StatusItem::messages},
                           Name{"UIDNEXT", StatusItem::uidnext},
                           Name{"UIDVALIDITY", StatusItem::uidvalidity},
                           Name{"UNSEEN", StatusItem::unseen},
                           Name{"DELETED", StatusItem::deleted},
                           Name{"SIZE", StatusItem::size},
                           Name{"RECENT", StatusItem::recent},
                           Name{"APPENDLIMIT", StatusItem::appendlimit},
                           Name{"HIGHESTMODSEQ", StatusItem::highestmodseq},
                           Name{"MAILBOXID", StatusItem::mailboxid}};

StatusItem parse_item(Parser& in) {
    const std::string name = in.atom();
    for (const auto& one : names)
        if (equal_ignoring_case(one.name, name)) return one.item;
    in.fail("unknown item " + name);
}

std::string value_of(Session& session, db::Database& database, const store::Mailbox& mailbox, StatusItem item) {
    const auto text = [](std::int64_t value) { return std::to_string(value); };
    switch (item) {
        case StatusItem::messages:
            return "MESSAGES " + text(mailbox.counts.total + mailbox.counts.deleted);
        case StatusItem::uidnext:
            return "UIDNEXT " + text(number(mailbox.uidnext));
        case StatusItem::uidvalidity:
            return "UIDVALIDITY " + text(mailbox.uidvalidity);
        case StatusItem::unseen:
            return "UNSEEN " + text(mailbox.counts.unseen);
        case StatusItem::deleted:
            return "DELETED " + text(mailbox.counts.deleted);
        case StatusItem::size:
            return "SIZE " + text(mailbox.counts.size_bytes);
        case StatusItem::recent:
            return "RECENT " + text(session.watcher()->recent->count(database, mailbox.id));
        case StatusItem::appendlimit:
            return "APPENDLIMIT " + text(max_message_bytes);
        case StatusItem::highestmodseq:
            return "HIGHESTMODSEQ " + text(highest_modseq(database, mailbox.id));
        case StatusItem::mailboxid:
            return "MAILBOXID (" + object_id(mailbox.id) + ")";
    }
    return {};
}

}  // namespace

std::vector<StatusItem> parse_status_items(Session& session, Parser& in) {
    std::vector<StatusItem> items;
    in.expect('(');
    do items.push_back(parse_item(in));
    while (in.take(' '));
    in.expect(')');
    if (items.size() > 2 * names.size()) throw bad("too many items");
    for (const auto item : items)
        if (item == StatusItem::highestmodseq) want_condstore(session);
    return items;
}

void tell_status(Session& session, db::Database& database, const store::Mailbox& mailbox,
                 const std::vector<StatusItem>& items) {
    std::string values;
    for (const auto item : items)
        values.append(values.empty() ? "" : " ").append(value_of(session, database, mailbox, item));
    session.untagged("STATUS " + mailbox_to_wire(session.enabled(), mailbox.name) + " (" + values + ")");
}

}  // namespace mox::imap
