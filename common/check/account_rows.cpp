#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "check/account.hpp"
#include "model/mailbox_name.hpp"

namespace mox::check {

namespace {

constexpr std::int64_t largest_uid = 0xffffffff;
constexpr std::int64_t known_flags = model::Flags::all().bits();
constexpr std::int64_t known_special_uses = 31;

std::string named(std::int64_t id, const MailboxState& mailbox) {
    return fmt::format("mailbox {} {}", id, quote(mailbox.name));
}

// Why keywords are not as databases keep them; empty when they are.
std::string keywords_problem(std::string_view text) {
    const model::Keywords keywords = model::split_keywords(text);
    for (const auto& keyword : keywords)
        if (const auto problem = model::keyword_problem(keyword); !problem.empty())
            return fmt::format("{}: {}", quote(keyword), problem);
    if (model::joined(model::normalised(keywords)) != text)
        return quote(text) + " is not in lower case, sorted, each once";
    return {};
}

}  // namespace

AccountRows::AccountRows(Scope& scope, OpenedDatabase& opened) : scope_(scope), opened_(opened) {}

bool AccountRows::load() {
    const auto database = opened_.borrow();
    const auto counters = database->row<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
        "SELECT next_message_id, next_uidvalidity, last_modseq, message_size FROM account");
    if (!counters) {
        add("counters", "has no row of counters in the table 'account'");
        return false;
    }
    std::tie(counters_.next_message_id, counters_.next_uidvalidity, counters_.last_modseq, counters_.message_size) =
        *counters;
    db::Statement row = database->prepare(
        "SELECT id, parent_id, name, uidvalidity, uidnext, special_use, keywords, count_total, count_deleted,"
        " count_unread, count_unseen, size, createseq, modseq, expunged FROM mailbox");
    while (row.step()) {
        MailboxState& mailbox = mailboxes_[row.column<std::int64_t>(0)];
        mailbox.parent = row.column<std::optional<std::int64_t>>(1);
        mailbox.name = row.column<std::string>(2);
        mailbox.uidvalidity = row.column<std::int64_t>(3);
        mailbox.uidnext = row.column<std::int64_t>(4);
        mailbox.special_use = row.column<std::int64_t>(5);
        const auto keywords = row.column<std::string_view>(6);
        mailbox.keywords = model::normalised(model::split_keywords(keywords));
        mailbox.counts = {.total = row.column<std::int64_t>(7),
                          .deleted = row.column<std::int64_t>(8),
                          .unread = row.column<std::int64_t>(9),
                          .unseen = row.column<std::int64_t>(10),
                          .size_bytes = row.column<std::int64_t>(11)};
        mailbox.createseq = row.column<std::int64_t>(12);
        mailbox.modseq = row.column<std::int64_t>(13);
        mailbox.expunged = row.column<bool>(14);
        if (const auto problem = keywords_problem(keywords); !problem.empty())
            add("keyword", named(row.column<std::int64_t>(0), mailbox) + " has keywords that cannot be: " + problem);
    }
    return true;
}

void AccountRows::check_modseq(const std::string& what, std::int64_t createseq, std::int64_t modseq) {
    if (createseq > modseq)
        add("modseq", fmt::format("{} has createseq {} above its modseq {}", what, createseq, modseq));
    if (modseq > counters_.last_modseq)
        add("modseq",
            fmt::format("{} has modseq {} above the account's last one, {}", what, modseq, counters_.last_modseq));
    if (createseq < 0) add("modseq", fmt::format("{} has createseq {}", what, createseq));
}

void AccountRows::check_mailboxes() {
    std::map<std::pair<std::string_view, std::int64_t>, std::int64_t> uses;  // of UIDVALIDITY by name
    for (const auto& [id, mailbox] : mailboxes_) {
        check_mailbox(id, mailbox);
        const auto [other, is_new] = uses.emplace(std::pair(std::string_view(mailbox.name), mailbox.uidvalidity), id);
        if (!is_new)
            add("uidvalidity-unique", fmt::format("{} has the UIDVALIDITY {} of mailbox {}, which has the same name",
                                                  named(id, mailbox), mailbox.uidvalidity, other->second));
    }
    for (std::int64_t use = 1; use <= known_special_uses; use *= 2) {
        const MailboxState* holder = nullptr;
        for (const auto& [id, mailbox] : mailboxes_) {
            if (mailbox.expunged || (mailbox.special_use & use) == 0) continue;
            if (holder != nullptr)
                add("special-use",
                    fmt::format("{} has the same special use as {}", named(id, mailbox), quote(holder->name)));
            holder = &mailbox;
        }
    }
}

void AccountRows::check_mailbox(std::int64_t id, const MailboxState& mailbox) {
    const std::string what = named(id, mailbox);
    if (mailbox.uidvalidity < 1 || mailbox.uidvalidity >= counters_.next_uidvalidity)
        add("uidvalidity-next", fmt::format("{} has the UIDVALIDITY {}, the account's next one is {}", what,
                                            mailbox.uidvalidity, counters_.next_uidvalidity));
    if (mailbox.uidnext < 1 || mailbox.uidnext > largest_uid + 1)
        add("uid-next", fmt::format("{} has the UIDNEXT {}, which cannot be", what, mailbox.uidnext));
    check_modseq(what, mailbox.createseq, mailbox.modseq);
    if (const auto problem = model::mailbox_name_problem(mailbox.name); !problem.empty())
        add("name", fmt::format("{} has a name that {}", what, problem));
    if ((mailbox.special_use & ~known_special_uses) != 0)
        add("flags", fmt::format("{} has the unknown special use {}", what, mailbox.special_use));
    if (mailbox.expunged && mailbox.special_use != 0) add("special-use", what + " is deleted and has a special use");
    if (!mailbox.expunged) check_parent(id, mailbox);
}

void AccountRows::check_parent(std::int64_t id, const MailboxState& mailbox) {
    const auto expected = model::parent_of(mailbox.name);
    if (!mailbox.parent) {
        if (!expected.empty()) add("mailbox-parent", named(id, mailbox) + " has no parent");
        return;
    }
    const auto parent = mailboxes_.find(*mailbox.parent);
    if (parent == mailboxes_.end()) return;  // the check of foreign keys says so
    if (parent->second.expunged)
        add("mailbox-parent", fmt::format("{} has the deleted parent {}", named(id, mailbox), *mailbox.parent));
    else if (parent->second.name != expected)
        add("mailbox-parent",
            fmt::format("{} has the parent {}", named(id, mailbox), named(*mailbox.parent, parent->second)));
}

struct AccountRows::PlacementRow {
    std::int64_t mailbox = 0, uid = 0, flags = 0;
    std::string_view keywords;
    std::int64_t modseq = 0, createseq = 0, trained = 0;
    bool states_are_known = true;
};

struct AccountRows::PlacementCursor {
    MailboxState* mailbox = nullptr;  // null: the row is missing
    std::int64_t id = 0;              // of the mailbox
    std::int64_t newest_createseq = 0;
    bool order_told = false;
    std::unordered_set<std::string> known_keywords;  // lists that are in order and known to the mailbox
};

void AccountRows::check_placements() {
    const auto database = opened_.borrow();
    db::Statement row = database->prepare(
        "SELECT mailbox_id, uid, flags, keywords, modseq, createseq, trained, is_reject IN (0, 1) AND is_forward IN (0,"
        " 1) AND muted IN (0, 1) AND collapsed IN (0, 1) FROM placement NOT INDEXED ORDER BY mailbox_id, uid");
    PlacementCursor at;
    bool is_first = true;
    for (std::size_t count = 0; row.step(); ++count) {
        if (count % 4096 == 0) check_interrupt();
        const auto mailbox = row.column<std::int64_t>(0);
        if (is_first || mailbox != at.id) {
            const auto found = mailboxes_.find(mailbox);
            at = {.mailbox = found == mailboxes_.end() ? nullptr : &found->second, .id = mailbox};
            is_first = false;
        }
        if (at.mailbox == nullptr) continue;  // the check of foreign keys says so
        check_placement({.mailbox = mailbox,
                         .uid = row.column<std::int64_t>(1),
                         .flags = row.column<std::int64_t>(2),
                         .keywords = row.column<std::string_view>(3),
                         .modseq = row.column<std::int64_t>(4),
                         .createseq = row.column<std::int64_t>(5),
                         .trained = row.column<std::int64_t>(6),
                         .states_are_known = row.column<bool>(7)},
                        at);
    }
}

void AccountRows::check_placement(const PlacementRow& row, PlacementCursor& at) {
    const auto what = [&] { return fmt::format("{} UID {}", named(at.id, *at.mailbox), row.uid); };
    if (at.mailbox->expunged) add("mailbox-gone", what() + " lies in a deleted mailbox");
    if (row.uid < 1 || row.uid > largest_uid || row.uid >= at.mailbox->uidnext)
        add("uid-next", fmt::format("{} is not below UIDNEXT, {}", what(), at.mailbox->uidnext));
    if (row.createseq > row.modseq || row.modseq > counters_.last_modseq || row.createseq < 0)
        check_modseq(what(), row.createseq, row.modseq);
    if (row.createseq < at.newest_createseq && !at.order_told) {
        add("uid-order", fmt::format("{} came before a message with a lower UID", what()));
        at.order_told = true;
    }
    at.newest_createseq = std::max(at.newest_createseq, row.createseq);
    if ((row.flags & ~known_flags) != 0) add("flags", fmt::format("{} has the unknown flags {:#x}", what(), row.flags));
    if (!row.states_are_known || row.trained < 0 || row.trained > 2)
        add("flags", what() + " has a state that cannot be");
    at.mailbox->counted += store::Counts::of(model::Flags::from_bits(static_cast<std::uint32_t>(row.flags)), 0);
    if (!row.keywords.empty()) check_keywords(row, at);
}

void AccountRows::check_keywords(const PlacementRow& row, PlacementCursor& at) {
    constexpr std::size_t most_remembered = 1'000;
    std::string text(row.keywords);
    if (at.known_keywords.contains(text)) return;
    const std::string what = fmt::format("{} UID {}", named(at.id, *at.mailbox), row.uid);
    if (const auto problem = keywords_problem(text); !problem.empty()) {
        add("keyword", fmt::format("{} has keywords that cannot be: {}", what, problem));
        return;
    }
    const auto keywords = model::split_keywords(text);
    if (!std::includes(at.mailbox->keywords.begin(), at.mailbox->keywords.end(), keywords.begin(), keywords.end())) {
        add("mailbox-keywords", fmt::format("{} has keywords that its mailbox does not know: {}", what, quote(text)));
        return;
    }
    if (at.known_keywords.size() < most_remembered) at.known_keywords.insert(std::move(text));
}

void AccountRows::check_leavings() {
    {
        const auto database = opened_.borrow();
        check_tombstones(*database);
        check_annotations(*database);
        check_subscriptions(*database);
    }
    check_reservations(scope_, opened_, counters_.next_message_id);
}

void AccountRows::check_tombstones(db::Database& database) {
    std::size_t count = 0;
    for (const auto& [mailbox, uid, modseq, is_live] : database.rows<std::int64_t, std::int64_t, std::int64_t, bool>(
             "SELECT mailbox_id, uid, modseq, EXISTS (SELECT 1 FROM placement p WHERE p.mailbox_id = t.mailbox_id AND"
             " p.uid = t.uid) FROM tombstone t")) {
        if (++count % 4096 == 0) check_interrupt();
        const auto found = mailboxes_.find(mailbox);
        if (found == mailboxes_.end()) continue;  // the check of foreign keys says so
        const auto what = [&, mailbox = mailbox, uid = uid] {
            return fmt::format("what is left of {} UID {}", named(mailbox, found->second), uid);
        };
        if (modseq < 1 || modseq > counters_.last_modseq)
            add("tombstone",
                fmt::format("{} has modseq {}, the account's last one is {}", what(), modseq, counters_.last_modseq));
        if (uid < 1 || uid >= found->second.uidnext)
            add("tombstone", fmt::format("{} is not below UIDNEXT, {}", what(), found->second.uidnext));
        if (is_live) add("tombstone", what() + " says that the message is gone, but it is there");
    }
    for (const auto& [id, modseq] : database.rows<std::int64_t, std::int64_t>(
             "SELECT message_id, modseq FROM erase_queue WHERE modseq > ? OR modseq < 0", counters_.last_modseq))
        add("tombstone",
            fmt::format("message {}, which waits to be erased, has modseq {}, the account's last one is {}", id, modseq,
                        counters_.last_modseq));
}

void AccountRows::check_annotations(db::Database& database) {
    for (const auto& [id, key, createseq, modseq] :
         database.rows<std::int64_t, std::string, std::int64_t, std::int64_t>(
             "SELECT id, key, createseq, modseq FROM annotation")) {
        const std::string what = fmt::format("annotation {} {}", id, quote(key));
        check_modseq(what, createseq, modseq);
        if (!key.starts_with('/') || ascii_lower(key) != key || !is_utf8(key))
            add("name", what + " has a key that cannot be: no '/' in front, or not in lower case");
    }
}

void AccountRows::check_subscriptions(db::Database& database) {
    for (const auto& [name] : database.rows<std::string>("SELECT name FROM subscription"))
        if (const auto problem = model::mailbox_name_problem(name); !problem.empty())
            add("name", fmt::format("subscription {} has a name that {}", quote(name), problem));
}

void AccountRows::check_sums(const std::map<std::int64_t, std::int64_t>& sizes) {
    std::int64_t total = 0;
    for (const auto& [id, size_bytes] : sizes) total += size_bytes;
    if (total != counters_.message_size)
        add("account-size", fmt::format("says {} bytes, its messages have {}", counters_.message_size, total));
    for (const auto& [id, mailbox] : mailboxes_) {
        const auto size = sizes.find(id);
        if (!mailbox.expunged) check_counts(id, mailbox, size == sizes.end() ? 0 : size->second);
    }
}

void AccountRows::check_counts(std::int64_t id, const MailboxState& mailbox, std::int64_t size_bytes) {
    const auto compare = [&](std::string_view what, std::int64_t stored, std::int64_t counted) {
        if (stored != counted)
            add("mailbox-counts",
                fmt::format("{} says {} {}, its messages say {}", named(id, mailbox), stored, what, counted));
    };
    compare("messages", mailbox.counts.total, mailbox.counted.total);
    compare("deleted messages", mailbox.counts.deleted, mailbox.counted.deleted);
    compare("unread messages", mailbox.counts.unread, mailbox.counted.unread);
    compare("unseen messages", mailbox.counts.unseen, mailbox.counted.unseen);
    compare("bytes", mailbox.counts.size_bytes, size_bytes);
}

}  // namespace mox::check
