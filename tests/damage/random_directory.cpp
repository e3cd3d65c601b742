#include "random_directory.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"
#include "base/random.hpp"
#include "queue/queue.hpp"
#include "reports/databases.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/erase.hpp"
#include "store/junk_filter.hpp"
#include "store/mailbox.hpp"
#include "store/training.hpp"

namespace mox::test {

namespace {

constexpr junk::Parameters parameters{.onegrams = true, .bloom_width = 12, .bloom_hashes = 4};

class RandomAccount {
public:
    RandomAccount(const datadir::Layout& layout, const std::string& name, Random& random, FixedClock& clock)
        : account_(store::Account::create(layout, name, store::default_initial_mailboxes(), {.clock = &clock})),
          random_(random),
          clock_(clock) {}

    void run(std::uint64_t steps) {
        for (std::uint64_t i = 0; i < steps; ++i) {
            clock_.advance(std::chrono::seconds(1 + random_.below(100'000)));
            try {
                step();
            } catch (const Error& error) {
                // Mailboxes that have children, names that are taken: refused, and nothing happened.
                if (error.code() != Errc::failed && error.code() != Errc::usage && error.code() != Errc::not_found)
                    throw;
            }
        }
        account_.close();
    }

private:
    void step() {
        switch (random_.below(12)) {
            case 0:
            case 1:
            case 2:
            case 3:
                return deliver();
            case 4:
                return with_two_mailboxes(
                    [&](auto& tx, auto from, auto to) { (void)store::copy_messages(tx, from, some_uids(), to); });
            case 5:
                return with_two_mailboxes(
                    [&](auto& tx, auto from, auto to) { (void)store::move_messages(tx, from, some_uids(), to); });
            case 6:
                return with_two_mailboxes([&](auto& tx, auto from, auto) {
                    (void)store::expunge(tx, from, some_uids(),
                                         random_.below(2) == 0 ? store::Expunge::all : store::Expunge::only_deleted);
                });
            case 7:
                return with_two_mailboxes([&](auto& tx, auto from, auto) {
                    (void)store::change_flags(tx, from, some_uids(),
                                              {.mode = static_cast<store::FlagChange::Mode>(random_.below(3)),
                                               .flags = flags(),
                                               .keywords = keywords()});
                });
            case 8:
                return change(
                    [&](store::Transaction& tx) { (void)store::create_mailbox(tx, name(), store::Subscribe::yes); });
            case 9:
                return change([&](store::Transaction& tx) { store::rename_mailbox(tx, any_name(tx), name()); });
            case 10:
                return change([&](store::Transaction& tx) { store::delete_mailbox(tx, any_name(tx)); });
            default:
                return maintain();
        }
    }
    void maintain() {
        if (random_.below(3) == 0) {
            (void)store::erase_queued(account_);
            return;
        }
        auto filter = store::open_junk_filter(account_, parameters, std::chrono::milliseconds(1000));
        if (random_.below(2) == 0)
            (void)store::retrain(account_, filter, {.parameters = parameters, .jobs = 1, .progress = {}});
        else
            (void)store::apply_training(account_, filter);
    }

    void deliver() {
        const auto number = ++messages_;
        std::string contents =
            fmt::format("From: a{0}@example.org\r\nSubject: {1}subject {2}\r\nMessage-ID: <{0}@x>\r\n", number,
                        random_.below(2) == 0 ? "" : "Re: ", random_.below(5));
        if (random_.below(2) == 0) contents += fmt::format("References: <{}@x>\r\n", random_.below(messages_ + 1));
        contents += "\r\n";
        for (std::uint64_t i = random_.below(60); i > 0; --i) contents += fmt::format("word{} ", random_.below(200));
        if (random_.below(8) == 0) contents.assign(random_.below(50), '\xff');
        std::string target;
        change([&](store::Transaction& tx) { target = random_.below(3) == 0 ? name() : any_name(tx); });
        (void)store::deliver(account_, target,
                             {.prefix = random_.below(3) == 0 ? "X-Prefix: yes\r\n" : "",
                              .received = clock_.now(),
                              .flags = flags(),
                              .keywords = keywords()},
                             contents);
    }

    template <class Work>
    void change(Work&& work) {
        store::Transaction tx(account_);
        work(tx);
        tx.commit();
    }
    template <class Work>
    void with_two_mailboxes(Work&& work) {
        change([&](store::Transaction& tx) {
            const auto mailboxes = store::list_mailboxes(tx.database());
            const auto from = random_.below(mailboxes.size()), to = random_.below(mailboxes.size());
            if (from != to) work(tx, mailboxes[from].id, mailboxes[to].id);
        });
    }
    std::string any_name(store::Transaction& tx) {
        const auto mailboxes = store::list_mailboxes(tx.database());
        return mailboxes[random_.below(mailboxes.size())].name;
    }
    std::string name() {
        static constexpr std::array<std::string_view, 6> parts{"Work", "Lists", "M\u00fcll", "2026", "a b", "Old"};
        std::string name(parts[random_.below(parts.size())]);
        while (random_.below(3) == 0) name += "/" + std::string(parts[random_.below(parts.size())]);
        return name;
    }
    store::UidRanges some_uids() {
        const auto first = static_cast<std::uint32_t>(1 + random_.below(20));
        return {{store::Uid{first}, store::Uid{first + static_cast<std::uint32_t>(random_.below(5))}}};
    }
    model::Flags flags() {
        model::Flags flags;
        for (const auto flag : {model::Flag::seen, model::Flag::answered, model::Flag::flagged, model::Flag::deleted,
                                model::Flag::junk, model::Flag::not_junk})
            if (random_.below(3) == 0) flags = flags.with(flag);
        return flags;
    }
    model::Keywords keywords() {
        model::Keywords keywords;
        for (const char* keyword : {"list", "todo", "work"})
            if (random_.below(4) == 0) keywords.emplace_back(keyword);
        return keywords;
    }

    store::Account account_;
    Random& random_;
    FixedClock& clock_;
    std::uint64_t messages_ = 0;
};

void fill_queue(const datadir::Layout& layout, Random& random, FixedClock& clock) {
    queue::Queue queue(layout, {.access = db::Access::create}, clock);
    for (std::uint64_t i = random.below(4); i > 0; --i) {
        queue::NewMessage message;
        message.envelope.queued = clock.now();
        message.envelope.sender_account = "account0";
        message.envelope.sender = {"ann", "example.org"};
        message.envelope.recipient = {"bob", "example.net"};
        message.pending.next_attempt = clock.now().seconds;
        const auto ids = queue.add(std::vector<queue::NewMessage>(1 + random.below(3), message),
                                   "Subject: queued\r\n\r\nHello.\r\n");
        for (const auto id : ids) {
            if (random.below(3) == 0)
                queue.record_attempt(id, {.started = clock.now(), .code = 451}, clock.now().seconds + 60);
            if (random.below(3) == 0)
                (void)queue.retire(id, {.recipient_address = "bob@example.net",
                                        .success = random.below(2) == 0,
                                        .last_activity = clock.now(),
                                        .keep_until = clock.now().seconds + 3600});
        }
    }
    queue.close();
}

}  // namespace

datadir::Layout make_random_directory(const std::filesystem::path& root, std::uint64_t seed) {
    SeededRandom random(seed);
    FixedClock clock(1'700'000'000);
    const auto layout = datadir::create(root);
    for (std::uint64_t i = random.below(3); i < 3; ++i)
        RandomAccount(layout, "account" + std::to_string(i), random, clock).run(random.below(40));
    if (random.below(3) != 0) fill_queue(layout, random, clock);
    for (const auto& database : reports::directory_databases())
        if (random.below(3) == 0)
            (void)reports::open_directory_database(layout, (layout.*database.path)(), database.schema(),
                                                   {.access = db::Access::create});
    return layout;
}

}  // namespace mox::test
