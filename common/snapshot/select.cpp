#include "snapshot/select.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "datadir/layout.hpp"
#include "mime/charset.hpp"
#include "mime/scanner.hpp"
#include "mime/threading.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "store/message_file.hpp"
#include "store/schema.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

std::string database_of(std::string_view account) {
    return "accounts/" + std::string(account) + "/index.db";
}

db::Untouched open_account(const Source& source, std::string_view name, const fs::path& scratch) {
    const bool is_name = datadir::account_name_problem(name).empty();
    if (!is_name || !status_of(source.data() / database_of(name)))
        throw Error(Errc::not_found, quote(source.path().native()) + " has no account " + quote(name),
                    "--list lists the accounts of a snapshot");
    return open_database(source, database_of(name), store::account_schema(), scratch);
}

bool contains(const std::string& text, const std::string& part) {
    return part.empty() || mime::lower_case(text).find(mime::lower_case(part)) != std::string::npos;
}

}  // namespace

std::string from_text(const mime::Message& message) {
    std::string text;
    if (!message.root.envelope) return text;
    for (const auto& address : message.root.envelope->from) {
        if (address.kind != mime::AddressKind::mailbox) continue;
        if (!text.empty()) text += ", ";
        const std::string spec = mime::to_addr_spec(address);
        text += address.name.empty() ? spec : address.name + " <" + spec + ">";
    }
    return text;
}

SnapshotAccount::SnapshotAccount(const Source& source, std::string_view name, const fs::path& scratch)
    : source_(source),
      name_(name),
      opened_(open_account(source, name, scratch)) {
    if (opened_.is_live()) state_.emplace(opened_.database());
}

std::string SnapshotAccount::message_path(store::MessageId id) const {
    return "accounts/" + name_ + "/msg/" + datadir::message_path(number(id));
}

std::vector<store::Mailbox> SnapshotAccount::mailboxes(const Selection& selection) {
    if (selection.mailboxes.empty()) return store::list_mailboxes(database());
    std::vector<store::Mailbox> found;
    for (const auto& name : selection.mailboxes) {
        const auto mailbox = store::find_mailbox(database(), name);
        if (!mailbox)
            throw Error(
                Errc::not_found,
                quote(source_.path().native()) + " has no mailbox " + quote(name) + " of account " + quote(name_),
                "--list --account lists the mailboxes");
        if (std::ranges::find(found, mailbox->id, &store::Mailbox::id) == found.end()) found.push_back(*mailbox);
    }
    std::ranges::sort(found, {}, &store::Mailbox::name);
    return found;
}

// Ids of messages that are named, ascending.
std::vector<std::int64_t> SnapshotAccount::wanted_ids(const Selection& selection) {
    std::vector<std::int64_t> ids;
    for (const auto& text : selection.messages) {
        std::int64_t id = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
        const bool is_id = error == std::errc() && end == text.data() + text.size();
        if (!is_id) id = 0;
        const std::string message_id =
            is_id ? std::string() : mime::canonical_message_id(text.find('<') == text.npos ? "<" + text + ">" : text);
        const auto before = ids.size();
        for (const auto& [found] : database().rows<std::int64_t>(
                 is_id ? "SELECT id FROM message m WHERE id = ? AND EXISTS (SELECT 1 FROM placement p WHERE"
                         " p.message_id = m.id) AND ?2 = ''"
                       : "SELECT id FROM message m WHERE message_id = ?2 AND message_id <> '' AND ?1 = 0 AND EXISTS"
                         " (SELECT 1 FROM placement p WHERE p.message_id = m.id)",
                 id, message_id))
            ids.push_back(found);
        if (ids.size() == before)
            throw Error(
                Errc::not_found,
                quote(source_.path().native()) + " has no message " + quote(text) + " of account " + quote(name_),
                "--list --account --mailbox lists messages with their ids");
    }
    std::ranges::sort(ids);
    return ids;
}

std::optional<mime::Message> SnapshotAccount::structure(store::MessageId id) {
    const auto message = store::find_message(database(), id);
    if (!message) return std::nullopt;
    if (message->structure)
        if (auto recorded = mime::decode(*message->structure)) return recorded;
    if (!source_.has_message_files()) return std::nullopt;
    try {
        mime::Scanner scanner;
        store::read_contents(source_.data() / message_path(id), *message,
                             [&](std::span<const std::byte> bytes) { scanner.feed(as_text(bytes)); });
        return scanner.finish();
    } catch (const Interrupted&) {
        throw;
    } catch (const Error&) {
        return std::nullopt;  // whoever restores it will say so
    }
}

bool SnapshotAccount::has_texts(store::MessageId id, const Selection& selection) {
    if (selection.from.empty() && selection.subject.empty()) return true;
    const auto parsed = structure(id);
    if (!parsed || !parsed->root.envelope) return false;
    return contains(from_text(*parsed), selection.from) && contains(parsed->root.envelope->subject, selection.subject);
}

void SnapshotAccount::for_each(const store::Mailbox& mailbox, const Selection& selection, const Visit& visit) {
    const auto ids = wanted_ids(selection);
    const auto is_wanted = [&](std::int64_t id) {
        return selection.messages.empty() || std::ranges::binary_search(ids, id);
    };
    using Limits = std::numeric_limits<std::int64_t>;
    for (const auto& [uid, id] : database().rows<store::Uid, store::MessageId>(
             "SELECT p.uid, p.message_id FROM placement p CROSS JOIN message m WHERE p.mailbox_id = ? AND"
             " m.id = p.message_id AND m.received >= ? AND m.received < ? ORDER BY p.uid",
             mailbox.id, selection.since.value_or(Limits::min()), selection.before.value_or(Limits::max()))) {
        check_interrupt();
        if (!is_wanted(number(id)) || !has_texts(id, selection)) continue;
        if (const auto placement = store::find_placement(database(), mailbox.id, uid)) visit(*placement);
    }
}

}  // namespace mox::snapshot
