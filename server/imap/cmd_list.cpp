#include <algorithm>

#include "base/encoding.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/list_names.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/mailbox_names.hpp"
#include "server/imap/special_use.hpp"
#include "server/imap/status_items.hpp"

namespace mox::imap {

namespace {

constexpr std::size_t most_patterns = 100;

// RFC 9051 section 6.3.9.
struct List {
    bool extended = false;  // of the forms of RFC 5258
    // What is selected.
    bool subscribed = false, special_use = false, recursive = false;
    std::string reference;
    std::vector<std::string> patterns;
    // What is returned.
    bool tell_subscribed = false;
    std::vector<StatusItem> status;
};

void parse_selection(Parser& in, List& list) {
    list.extended = true;
    while (!in.take(')')) {
        if (in.take_word("SUBSCRIBED"))
            list.subscribed = list.tell_subscribed = true;
        else if (in.take_word("SPECIAL-USE"))
            list.special_use = true;
        else if (in.take_word("RECURSIVEMATCH"))
            list.recursive = true;
        else if (!in.take_word("REMOTE"))  // there are none
            in.fail("unknown selection option");
        if (!in.take(' ') && in.cursor().peek() != ')') in.fail("expected the end of the selection options");
    }
    if (list.recursive && !list.subscribed) throw bad("RECURSIVEMATCH needs SUBSCRIBED");
    in.space();
}

void parse_return(Session& session, Parser& in, List& list) {
    list.extended = true;
    in.space();
    if (!in.take_word("RETURN")) in.fail("expected RETURN");
    in.space();
    in.expect('(');
    while (!in.take(')')) {
        if (in.take_word("SUBSCRIBED")) {
            list.tell_subscribed = true;
        } else if (in.take_word("STATUS")) {
            in.space();
            list.status = parse_status_items(session, in);
        } else if (!in.take_word("CHILDREN") && !in.take_word("SPECIAL-USE")) {  // told in any case
            in.fail("unknown return option");
        }
        if (!in.take(' ') && in.cursor().peek() != ')') in.fail("expected the end of the return options");
    }
}

List parse_list(Session& session, Parser& in) {
    List list;
    in.space();
    if (in.take('(')) parse_selection(in, list);
    list.reference = mailbox_from_wire(session.enabled(), in.astring());
    in.space();
    if (in.take('(')) {
        list.extended = true;
        do list.patterns.push_back(parse_pattern(session, in));
        while (in.take(' '));
        in.expect(')');
    } else {
        list.patterns.push_back(parse_pattern(session, in));
    }
    if (list.patterns.size() > most_patterns) throw bad("too many patterns");
    if (!in.at_end()) parse_return(session, in, list);
    in.end();
    for (auto& pattern : list.patterns) pattern = joined_pattern(list.reference, pattern);
    return list;
}

std::string attributes_of(const List& list, const ListedName& name) {
    std::string out;
    const auto add = [&](std::string_view attribute) { out.append(out.empty() ? "" : " ").append(attribute); };
    if (!name.mailbox) add("\\NonExistent");
    add(name.has_children ? "\\HasChildren" : "\\HasNoChildren");
    if (list.tell_subscribed && name.subscribed) add("\\Subscribed");
    if (name.mailbox)
        if (const auto uses = special_use_names(name.mailbox->special_use); !uses.empty()) add(uses);
    return out;
}

// Whether a mailbox below is selected that no pattern matches by itself.
bool has_child_to_tell(const std::map<std::string, ListedName>& names, const List& list, const std::string& parent) {
    const std::string prefix = parent + "/";
    for (auto at = names.lower_bound(prefix); at != names.end() && at->first.starts_with(prefix); ++at) {
        if (!at->second.subscribed) continue;
        if (std::ranges::none_of(list.patterns,
                                 [&](const auto& pattern) { return matches_pattern(at->first, pattern); }))
            return true;
    }
    return false;
}

void list_now(Session& session, db::Database& database, const List& list) {
    const auto names = listed_names(database);
    for (const auto& [name, about] : names) {
        // Clang before 16 does not capture `name` otherwise.
        const auto matches = [&name = name](const auto& pattern) { return matches_pattern(name, pattern); };
        if (std::ranges::none_of(list.patterns, matches)) continue;
        const bool selected = list.subscribed ? about.subscribed : about.mailbox.has_value();
        const bool special = about.mailbox && about.mailbox->special_use != model::SpecialUse::none;
        const bool told = selected && (special || !list.special_use);
        const bool for_children = list.recursive && about.subscribed_below && has_child_to_tell(names, list, name);
        if (!told && !for_children) continue;
        session.untagged("LIST (" + attributes_of(list, about) + ") \"/\" " + mailbox_to_wire(session.enabled(), name) +
                         (for_children ? " (\"CHILDINFO\" (\"SUBSCRIBED\"))" : ""));
        if (!list.status.empty() && about.mailbox) tell_status(session, database, *about.mailbox, list.status);
    }
}

}  // namespace

void cmd_list(Session& session, Parser& parser) {
    auto list = parse_list(session, parser);
    if (!list.extended && list.patterns == std::vector<std::string>{""}) {
        session.untagged("LIST (\\Noselect) \"/\" \"\"");
        return session.ok();
    }
    session.on_account_once([&session, list = std::move(list)](store::Account& account) {
        {
            const db::ReadTransaction unchanged(account.database());
            list_now(session, account.database(), list);
        }
        session.ok();
    });
}

}  // namespace mox::imap
