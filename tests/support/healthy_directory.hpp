#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "datadir/layout.hpp"
#include "model/flags.hpp"
#include "queue/queue.hpp"
#include "reports/databases.hpp"
#include "store/account.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/mailbox.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

// A data directory in which everything happened: nested mailboxes, one deleted, one renamed; threads; keywords; a
// prefix; copies, moves, expunges; messages waiting to be erased; a queue; a report database. Nothing has it open.
// Needs the layers store, queue and reports.
class HealthyDirectory {
public:
    HealthyDirectory() {
        make_account("alice");
        make_account("bob");
        make_queue();
        (void)reports::open_directory_database(layout_, layout_.dmarc_reports_db(), reports::dmarc_reports_schema(),
                                               {.access = db::Access::create});
    }

    [[nodiscard]] const datadir::Layout& layout() const { return layout_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return layout_.root() / name; }
    [[nodiscard]] const TempDir& temp() const { return dir_; }
    // Opens the account's database, executes, closes. Seals stay right; nothing else is kept right.
    void sql(std::string_view account, std::string_view statements) const {
        execute(layout_.account_db(account), statements);
    }
    void queue_sql(std::string_view statements) const { execute(layout_.queue_db(), statements); }

    [[nodiscard]] static std::string message(std::string_view subject, std::string_view id,
                                             std::string_view references = {}) {
        std::string text = "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: " + std::string(subject) +
                           "\r\nMessage-ID: <" + std::string(id) + ">\r\n";
        if (!references.empty()) text += "References: <" + std::string(references) + ">\r\n";
        return text + "\r\nHello.\r\n";
    }

private:
    static void execute(const std::filesystem::path& path, std::string_view statements) {
        db::Database database(path, {.access = db::Access::read_write});
        database.exec("PRAGMA foreign_keys = OFF");
        database.exec(statements);
    }

    void make_account(std::string_view name) {
        auto account = store::Account::create(layout_, name, store::default_initial_mailboxes(), {.clock = &clock_});
        const auto deliver = [&](std::string_view mailbox, std::string_view contents, store::NewMessage message = {}) {
            message.received = clock_.now();
            clock_.advance(std::chrono::seconds(60));
            return store::deliver(account, mailbox, message, contents);
        };
        deliver("Inbox", message("plan", "1@example"));                                                 // UID 1, id 1
        deliver("Inbox", message("Re: plan", "2@example", "1@example"));                                // UID 2, id 2
        deliver("Inbox", message("Re: plan", "3@example", "2@example"), {.flags = model::Flag::seen});  // UID 3, id 3
        deliver("Inbox", message("other", "4@example"),
                {.prefix = "X-Added: yes\r\n", .flags = model::Flag::flagged, .keywords = {"todo", "work"}});
        deliver("Inbox", message("gone", "5@example"));
        deliver("Lists/C++/Müll", message("nested", "6@example"), {.keywords = {"list"}});
        deliver("Sent", message("sent", "7@example"));
        deliver("Old", message("moved", "8@example"));
        change(account, [&](store::Transaction& tx) {
            const auto id = [&](std::string_view of) { return store::find_mailbox(tx.database(), of).value().id; };
            const auto uid = [](std::uint32_t n) { return store::UidRanges{{store::Uid{n}, store::Uid{n}}}; };
            (void)store::copy_messages(tx, id("Inbox"), uid(2), id("Archive"));
            (void)store::expunge(tx, id("Inbox"), uid(5), store::Expunge::all);
            (void)store::move_messages(tx, id("Old"), uid(1), id("Trash"));
        });
        change(account, [](store::Transaction& tx) { store::delete_mailbox(tx, "Old"); });
        change(account, [](store::Transaction& tx) { store::rename_mailbox(tx, "Lists", "Groups"); });
        change(account, [](store::Transaction& tx) {
            (void)store::create_mailbox(tx, "Old", store::Subscribe::yes);  // the name of a deleted one
        });
        account.close();
    }

    template <class Work>
    static void change(store::Account& account, Work&& work) {
        store::Transaction tx(account);
        work(tx);
        tx.commit();
    }

    void make_queue() {
        queue::Queue queue(layout_, {.access = db::Access::create}, clock_);
        queue::NewMessage message;
        message.envelope.queued = clock_.now();
        message.envelope.sender_account = "alice";
        message.envelope.sender = {"ann", "example.org"};
        message.envelope.recipient = {"bob", "example.net"};
        message.pending.prefix = "Received: here\r\n";
        message.pending.next_attempt = clock_.now().seconds;
        const std::vector<queue::NewMessage> messages(3, message);
        const auto ids = queue.add(messages, HealthyDirectory::message("queued", "q@example"));
        queue.record_attempt(ids[0], {.started = clock_.now(), .code = 451}, clock_.now().seconds + 60);
        (void)queue.retire(ids[1], {.recipient_address = "bob@example.net",
                                    .success = true,
                                    .last_activity = clock_.now(),
                                    .keep_until = clock_.now().seconds + 3600});
        queue.close();
    }

    TempDir dir_;
    FixedClock clock_{1'700'000'000};
    datadir::Layout layout_ = datadir::create(dir_ / "data");
};

}  // namespace mox::test
