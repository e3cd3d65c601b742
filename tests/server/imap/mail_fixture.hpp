#pragma once

#include "server/imap/fixture.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/mailbox.hpp"

namespace mox::test {

// A data directory with the account "mjl" and its usual mailboxes, and sessions that are logged in to it. All promises
// of the directory hold at the end.
struct MailFixture : ImapFixture {
    MailFixture() {
        (void)datadir::create(layout.root());
        account_.emplace(store::Account::create(layout, "mjl", store::default_initial_mailboxes(), {.clock = &clock}));
    }
    ~MailFixture() {
        run_tasks();
        account_->close();
        account_.reset();
        CHECK(broken_promises(layout) == std::vector<std::string>{});
    }

    // A message to deliver or append.
    static std::string message(std::string_view subject) {
        return "From: Ann <ann@example.org>\r\nTo: mjl@mox.example\r\nSubject: " + std::string(subject) +
               "\r\nDate: Thu, 05 Nov 2026 10:00:00 +0000\r\n\r\nHello.\r\n";
    }
    static std::string message() { return message("hi"); }
    // As another process would change it.
    [[nodiscard]] store::Account& other() { return *account_; }
    store::Delivered deliver(std::string_view mailbox, std::string_view contents, store::NewMessage details = {}) {
        if (details.received == Timestamp{}) details.received = clock.now();
        return store::deliver(other(), mailbox, details, contents);
    }
    store::Delivered deliver(std::string_view mailbox) { return deliver(mailbox, message()); }
    template <class Work>
    void change(Work&& work) {
        store::Transaction tx(other());
        work(tx);
        tx.commit();
    }
    [[nodiscard]] store::MailboxId id_of(std::string_view mailbox) {
        return store::find_mailbox(other().database(), mailbox).value().id;
    }

private:
    std::optional<store::Account> account_;
};

// One client.
class Client {
public:
    explicit Client(MailFixture& fixture, std::size_t piece = 100'000)
        : session_(fixture.session()),
          driver_(session_),
          piece_(piece) {
        (void)driver_.start();
        (void)driver_.feed("l LOGIN mjl@mox.example testpass1234\r\n");
    }
    // What comes back for some lines, given without their line ends.
    std::string operator()(std::string_view command) { return feed(std::string(command) + "\r\n", piece_); }
    std::string feed(std::string_view bytes, std::size_t piece = 100'000) {
        return driver_.feed_in_pieces(bytes, piece);
    }
    std::string woken() { return driver_.woken(); }
    [[nodiscard]] net::Next next() const { return driver_.next(); }

private:
    imap::Session session_;
    SessionDriver driver_;
    const std::size_t piece_;  // bytes that arrive at a time
};

struct Exchange {
    std::string client, server;
};

// Each line of the client with what comes back for it.
inline void check_lines(Client& client, const std::vector<Exchange>& exchanges) {
    for (const auto& exchange : exchanges) {
        CAPTURE(exchange.client);
        CHECK(client(exchange.client) == exchange.server);
    }
}

}  // namespace mox::test
