#include "writer.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/erase.hpp"
#include "store/mailbox.hpp"

namespace mox::load {

namespace {

std::string text_of(int writer, std::int64_t number, std::int64_t lines) {
    std::string text = fmt::format(
        "From: Writer <w{0}@example.org>\r\nTo: <all@example.net>\r\nSubject: number {1}\r\n"
        "Message-ID: <{1}.{0}@example.org>\r\nDate: Mon, 23 Nov 2026 03:00:00 +0000\r\n\r\n",
        writer, number);
    for (std::int64_t line = 0; line < lines; ++line)
        text += fmt::format("Line {} of message {} of writer {}.\r\n", line, number, writer);
    return text;
}

store::MailboxId id_of(store::Transaction& tx, std::string_view name) {
    return store::ensure_mailbox(tx, name, store::Subscribe::yes).id;
}

}  // namespace

std::int64_t microseconds_since(SteadyTime start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
}

std::string account_name(int account) {
    return fmt::format("account{:02}", account);
}

Writer::Writer(const WriterOptions& options, Shared& shared)
    : options_(options),
      shared_(shared),
      random_(static_cast<std::uint64_t>(options.number)),
      journal_(create_file(options.journal)) {}

void Writer::run() {
    while (!shared_.stop) step();
    for (auto& [number, account] : accounts_) account.close();
}

void Writer::step() {
    account_ = static_cast<int>(dice(options_.accounts));
    auto found = accounts_.find(account_);
    if (found == accounts_.end())
        found = accounts_
                    .emplace(account_, store::Account::open(datadir::open(options_.data_dir), account_name(account_),
                                                            {.lock_timeout = std::chrono::seconds(60)}))
                    .first;
    store::Account& account = found->second;
    const auto what = dice(100);
    if (what < 40) return deliver(account);
    if (what < 60) return change_flags(account);
    if (what < 72) return move(account);
    if (what < 80) return copy(account);
    if (what < 95) return expunge(account);
    erase(account);
}

void Writer::commit(store::Transaction& tx, const char* operation, SteadyTime since) {
    Commit done{.account = account_,
                .state = {.modseq = store::number(tx.modseq()), .hash = state_hash(tx.database())},
                .operation = operation};
    tx.commit();
    done.took_us = microseconds_since(since);
    done.committed_us = microseconds_since(options_.start);
    write_all(journal_.get(), done.to_line() + "\n", options_.journal);
    shared_.note_commit(account_, done.state.modseq);
}

void Writer::deliver(store::Account& account) {
    const auto number = ++delivered_;
    const std::string text = text_of(options_.number, number, dice(60));
    const auto since = std::chrono::steady_clock::now();
    const auto prepared = store::prepare(account, "", text);
    store::Transaction tx(account);
    const auto name = dice(10) == 0 ? fmt::format("Lists/{}", dice(4)) : "Inbox";
    const auto mailbox = store::ensure_mailbox(tx, name, store::Subscribe::yes);
    (void)store::add(tx, mailbox, prepared, {.received = account.now()});
    commit(tx, "deliver", since);
}

void Writer::change_flags(store::Account& account) {
    const auto since = std::chrono::steady_clock::now();
    store::Transaction tx(account);
    const auto inbox = id_of(tx, "Inbox");
    using Mode = store::FlagChange::Mode;
    store::FlagChange change{.mode = dice(2) == 0 ? Mode::add : Mode::remove,
                             .flags = dice(2) == 0 ? model::Flag::seen : model::Flag::flagged};
    if (dice(4) == 0) change.keywords = {fmt::format("k{}", dice(5))};
    shared_.flag_changes += store::change_flags(tx, inbox, some_of(tx.database(), inbox, 5), change).changed;
    commit(tx, "flag", since);
}

void Writer::move(store::Account& account) {
    const auto since = std::chrono::steady_clock::now();
    store::Transaction tx(account);
    const auto inbox = id_of(tx, "Inbox"), archive = id_of(tx, "Archive");
    const auto moved = store::move_messages(tx, inbox, some_of(tx.database(), inbox, 3), archive);
    shared_.moves += static_cast<std::int64_t>(moved.sources.size());
    commit(tx, "move", since);
}

void Writer::copy(store::Account& account) {
    const auto since = std::chrono::steady_clock::now();
    store::Transaction tx(account);
    const auto archive = id_of(tx, "Archive"), lists = id_of(tx, fmt::format("Lists/{}", dice(4)));
    const auto copied = store::copy_messages(tx, archive, some_of(tx.database(), archive, 2), lists);
    shared_.copies += static_cast<std::int64_t>(copied.sources.size());
    commit(tx, "copy", since);
}

void Writer::expunge(store::Account& account) {
    const auto since = std::chrono::steady_clock::now();
    store::Transaction tx(account);
    const auto total = tx.database().value<std::int64_t>("SELECT count(*) FROM placement").value();
    const auto mailbox = busiest(tx.database()).mailbox;
    const auto gone = store::expunge(
        tx, mailbox, some_of(tx.database(), mailbox, std::max<std::int64_t>(total - options_.messages, 1)),
        store::Expunge::all);
    shared_.expunged += static_cast<std::int64_t>(gone.size());
    commit(tx, "expunge", since);
}

void Writer::erase(store::Account& account) {
    // Now and then one that waits, as backups come back to back.
    shared_.erased += store::erase_queued(account, std::chrono::seconds(dice(4) == 0 ? 5 : 0));
}

store::UidRanges Writer::some_of(db::Database& database, store::MailboxId mailbox, std::int64_t most) {
    const auto total =
        database.value<std::int64_t>("SELECT count(*) FROM placement WHERE mailbox_id = ?", mailbox).value();
    if (total == 0) return {};
    const auto first = dice(std::max<std::int64_t>(total - most, 0) + 1);
    store::UidRanges chosen;
    for (const auto& [uid] : database.rows<store::Uid>(
             "SELECT uid FROM placement WHERE mailbox_id = ? ORDER BY uid LIMIT ? OFFSET ?", mailbox, most, first))
        chosen.push_back({uid, uid});
    return chosen;
}

Writer::Busiest Writer::busiest(db::Database& database) {
    const auto row = database.row<store::MailboxId, std::int64_t>(
        "SELECT mailbox_id, count(*) AS n FROM placement GROUP BY mailbox_id ORDER BY n DESC LIMIT 1");
    if (!row) return {.mailbox = store::find_mailbox(database, "Inbox").value().id};
    return {.mailbox = std::get<0>(*row), .total = std::get<1>(*row)};
}

}  // namespace mox::load
