#include "base/encoding.hpp"
#include "base/error.hpp"
#include "model/flags.hpp"
#include "snapshot/select.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "tools/restore/arguments.hpp"
#include "tools/restore/modes.hpp"

namespace mox::restore {

namespace {

std::vector<std::string> names_of(store::SpecialUse uses) {
    std::vector<std::string> names;
    const auto add = [&](store::SpecialUse use, const char* name) {
        if (has(uses, use)) names.emplace_back(name);
    };
    add(store::SpecialUse::archive, "archive");
    add(store::SpecialUse::drafts, "drafts");
    add(store::SpecialUse::junk, "junk");
    add(store::SpecialUse::sent, "sent");
    add(store::SpecialUse::trash, "trash");
    return names;
}

struct Sums {
    std::int64_t accounts = 0, mailboxes = 0, messages = 0, size_bytes = 0;
};

cli::Record account_record(const std::string& name, const Sums& sums) {
    return cli::Record("account",
                       "{account:plain}: {messages:message|messages}, {size_bytes:bytes}, "
                       "{mailboxes:mailbox|mailboxes}")
        .set("account", name)
        .set("mailboxes", sums.mailboxes)
        .set("messages", sums.messages)
        .set("size_bytes", sums.size_bytes);
}

cli::Record mailbox_record(const std::string& account, const store::Mailbox& mailbox) {
    return cli::Record("mailbox", "{mailbox:plain}: {messages:message|messages}, {size_bytes:bytes}")
        .set("account", account)
        .set("mailbox", mailbox.name)
        .set("messages", mailbox.counts.total + mailbox.counts.deleted)
        .set("unseen", mailbox.counts.unseen)
        .set("size_bytes", mailbox.counts.size_bytes)
        .set("special_use", cli::Value(names_of(mailbox.special_use)))
        .set("uidvalidity", std::int64_t{mailbox.uidvalidity});
}

cli::Record message_record(snapshot::SnapshotAccount& account, const store::Mailbox& mailbox,
                           const store::Placement& placement, const store::Message& message) {
    const auto parsed = account.structure(message.id);
    std::vector<std::string> flags;
    for (const auto name : model::imap_names(placement.flags)) flags.emplace_back(name);
    return cli::Record("message", "{id} {received:plain} {size_bytes:bytes} {from} {subject} {flags} {keywords}")
        .set("account", account.name())
        .set("mailbox", mailbox.name)
        .set("id", number(message.id))
        .set("uid", std::int64_t{number(placement.uid)})
        .set("received", to_rfc3339({.seconds = message.received.seconds}))
        .set("from", parsed ? snapshot::from_text(*parsed) : "")
        .set("subject", parsed && parsed->root.envelope ? parsed->root.envelope->subject : "")
        .set("message_id", message.message_id)
        .set("size_bytes", message.size_bytes)
        .set("flags", cli::Value(flags))
        .set("keywords", cli::Value(placement.keywords));
}

Sums list_messages(snapshot::SnapshotAccount& account, const snapshot::Selection& selection, cli::Reporter& out) {
    Sums sums{.accounts = 1};
    for (const auto& mailbox : account.mailboxes(selection)) {
        ++sums.mailboxes;
        account.for_each(mailbox, selection, [&](const store::Placement& placement) {
            const auto message = store::find_message(account.database(), placement.message);
            if (!message) return;
            out.result(message_record(account, mailbox, placement, *message));
            ++sums.messages;
            sums.size_bytes += message->size_bytes;
        });
    }
    return sums;
}

Sums sums_of(const std::vector<store::Mailbox>& mailboxes) {
    Sums sums{.accounts = 1, .mailboxes = static_cast<std::int64_t>(mailboxes.size())};
    for (const auto& mailbox : mailboxes) {
        sums.messages += mailbox.counts.total + mailbox.counts.deleted;
        sums.size_bytes += mailbox.counts.size_bytes;
    }
    return sums;
}

// An account whose database cannot be read does not hide the others.
Sums list_accounts(const snapshot::Source& source, const std::filesystem::path& scratch, bool& complete,
                   cli::Reporter& out) {
    Sums all;
    for (const auto& name : datadir::account_names(datadir::Layout(source.data()))) {
        try {
            snapshot::SnapshotAccount account(source, name, scratch);
            const Sums sums = sums_of(account.mailboxes({}));
            out.result(account_record(name, sums));
            ++all.accounts;
            all.mailboxes += sums.mailboxes;
            all.messages += sums.messages;
            all.size_bytes += sums.size_bytes;
        } catch (const Interrupted&) {
            throw;
        } catch (const Error& error) {
            out.error("account " + quote(name) + ": " + error.what(), error.hint(), error.code());
            complete = false;
        }
    }
    return all;
}

}  // namespace

cli::Exit list(const Options& options, const snapshot::Source& source, const std::filesystem::path& scratch,
               cli::Reporter& out) {
    const auto selection = selection_of(options);
    bool complete = true;
    Sums sums;
    if (options.account.empty()) {
        sums = list_accounts(source, scratch, complete, out);
    } else {
        snapshot::SnapshotAccount account(source, options.account, scratch);
        if (selection.mailboxes.empty() && selection.takes_all()) {
            const auto mailboxes = account.mailboxes(selection);
            for (const auto& mailbox : mailboxes) out.result(mailbox_record(options.account, mailbox));
            sums = sums_of(mailboxes);
        } else {
            sums = list_messages(account, selection, out);
        }
    }
    out.summary(
        cli::Record("summary",
                    "{snapshot}: {messages:message|messages}, {size_bytes:bytes}, {mailboxes:mailbox|mailboxes},"
                    " {accounts:account|accounts}")
            .set("snapshot", source.path())
            .set("accounts", sums.accounts)
            .set("mailboxes", sums.mailboxes)
            .set("messages", sums.messages)
            .set("size_bytes", sums.size_bytes));
    return complete ? cli::Exit::ok : cli::Exit::incomplete;
}

}  // namespace mox::restore
