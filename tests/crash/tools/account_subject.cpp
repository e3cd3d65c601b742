// The program that the tests of an account's changes run: delivers, flags, copies, moves, expunges, erases. After each
// change that is durable it says so ("delivered 17", "changed").
//
//   account_subject DATA-DIR ACCOUNT [STEPS]

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "store/account.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/erase.hpp"
#include "store/mailbox.hpp"

using namespace mox;

namespace {

// To the pipe at once: nothing that was said is lost when the program is killed.
void say(const std::string& line) {
    if (::write(STDOUT_FILENO, (line + "\n").data(), line.size() + 1) < 0) std::abort();
}

class Subject {
public:
    explicit Subject(store::Account& account) : account_(account) {}

    void run(std::size_t steps) {
        const std::vector<std::function<void()>> all{
            [&] { deliver("Inbox", 1); },
            [&] { deliver("Subject/New", 2); },
            [&] { deliver("Subject/New", 3); },
            [&] { flag(); },
            [&] { copy(); },
            [&] { move(); },
            [&] { expunge(); },
            [&] { erase(); },
            [&] { deliver("Subject/New", 4); },
        };
        for (std::size_t i = 0; i < all.size() && i < steps; ++i) all[i]();
    }

private:
    void deliver(const std::string& mailbox, int number) {
        const std::string n = std::to_string(number);
        const store::NewMessage message{.prefix = "X-Number: " + n + "\r\n",
                                        .received = {.seconds = 1'700'000'000 + number},
                                        .keywords = {"k" + n}};
        const auto delivered = store::deliver(account_, mailbox, message,
                                              "From: a@example.org\r\nSubject: " + n + "\r\nMessage-ID: <subject-" + n +
                                                  "@example>\r\n\r\nHello " + n + ".\r\n");
        say("delivered " + std::to_string(store::number(delivered.id)));
    }
    void flag() {
        change([](store::Transaction& tx, store::MailboxId from, store::MailboxId) {
            (void)store::change_flags(tx, from, all_uids, {.flags = model::Flag::flagged, .keywords = {"todo"}});
        });
    }
    void copy() {
        change([](store::Transaction& tx, store::MailboxId from, store::MailboxId to) {
            (void)store::copy_messages(tx, from, all_uids, to);
        });
    }
    void move() {
        change([](store::Transaction& tx, store::MailboxId from, store::MailboxId to) {
            (void)store::move_messages(tx, from, {{store::Uid{1}, store::Uid{1}}}, to);
        });
    }
    void expunge() {
        change([](store::Transaction& tx, store::MailboxId from, store::MailboxId to) {
            (void)store::expunge(tx, from, all_uids, store::Expunge::all);
            (void)store::expunge(tx, to, all_uids, store::Expunge::all);
        });
    }
    void erase() {
        (void)store::erase_queued(account_);
        say("changed");
    }
    template <class Work>
    void change(Work&& work) {
        store::Transaction tx(account_);
        const auto id = [&](std::string_view name) { return store::find_mailbox(tx.database(), name).value().id; };
        work(tx, id("Subject/New"), id("Trash"));
        tx.commit();
        say("changed");
    }

    inline static const store::UidRanges all_uids{{store::Uid{1}, store::Uid{0xffffffff}}};
    store::Account& account_;
};

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 3) return 2;
    const FixedClock clock(1'700'001'000);
    auto account = store::Account::open(datadir::open(argv[1]), argv[2], {.clock = &clock});
    Subject(account).run(argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1000);
    account.close();
    return 0;
} catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
