#include "model/mailbox_name.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/mailbox_names.hpp"
#include "server/imap/object_ids.hpp"
#include "server/imap/special_use.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

// " (USE (\Sent))", RFC 6154 section 3.
model::SpecialUse parse_use(Parser& in) {
    auto use = model::SpecialUse::none;
    if (!in.take(' ')) return use;
    in.expect('(');
    if (!in.take_word("USE")) in.fail("unknown parameter");
    in.space();
    in.expect('(');
    while (!in.take(')')) {
        in.expect('\\');
        const auto one = special_use_named("\\" + in.atom());
        if (one == model::SpecialUse::none) throw no("no mailbox can have that special use", "USEATTR");
        use = use | one;
        in.take(' ');
    }
    in.expect(')');
    return use;
}

}  // namespace

// RFC 9051 section 6.3.4. Parents are made too. Clients of IMAP4rev2 are told of them with LIST, subscribed; others
// subscribe to what they want.
void cmd_create(Session& session, Parser& parser) {
    parser.space();
    const std::string typed = parser.astring();
    std::string name = mailbox_from_wire(session.enabled(), typed);
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    const auto use = parse_use(parser);
    parser.end();
    require_mailbox_name(name);
    session.on_account_once([&session, typed, name, use](store::Account& account) {
        store::Transaction tx(account);
        if (store::find_mailbox(tx.database(), name)) throw no("there is such a mailbox already", "ALREADYEXISTS");
        std::vector<std::string> made;
        for (const auto ancestor : model::ancestors_of(name))
            if (!store::find_mailbox(tx.database(), ancestor)) made.emplace_back(ancestor);
        made.push_back(name);
        const auto subscribe = session.enabled().rev2 ? store::Subscribe::yes : store::Subscribe::no;
        const auto mailbox = store::create_mailbox(tx, name, subscribe, use);
        const store::ModSeq modseq = tx.modseq();
        tx.commit();
        session.committed(modseq, Session::Own::tell);
        for (const auto& one : made) {
            // To others an answer to LIST that they did not ask for could be one too many.
            if (!session.enabled().rev2) break;
            const bool is_new_name = one == name && typed != mailbox_to_wire(session.enabled(), name);
            session.untagged("LIST (\\Subscribed) \"/\" " + mailbox_to_wire(session.enabled(), one) +
                             (is_new_name ? " (\"OLDNAME\" (" + to_string(typed) + "))" : std::string()));
        }
        session.ok({}, "MAILBOXID (" + object_id(mailbox.id) + ")");
    });
}

}  // namespace mox::imap
