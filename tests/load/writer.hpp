#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/fd.hpp"
#include "base/random.hpp"
#include "datadir/layout.hpp"
#include "journal.hpp"
#include "shared.hpp"
#include "store/account.hpp"
#include "store/transaction.hpp"

namespace mox::load {

using SteadyTime = std::chrono::steady_clock::time_point;
[[nodiscard]] std::int64_t microseconds_since(SteadyTime start);

[[nodiscard]] std::string account_name(int account);

struct WriterOptions {
    std::filesystem::path data_dir;
    std::filesystem::path journal;  // made here; one line a commit, written when the commit has returned
    int number = 0;                 // of the writer
    int accounts = 0;
    std::int64_t messages = 0;  // about so many are left in an account
    SteadyTime start;
};

// Works on all accounts at random through the store's interface, as a server would: delivers, flags, moves, copies,
// expunges, erases.
class Writer {
public:
    Writer(const WriterOptions& options, Shared& shared);
    // Until it is told to stop. Throws what the store throws: nothing of this may fail.
    void run();

private:
    struct Busiest {
        store::MailboxId mailbox{};
        std::int64_t total = 0;
    };
    void step();
    void deliver(store::Account& account);
    void change_flags(store::Account& account);
    void move(store::Account& account);
    void copy(store::Account& account);
    void expunge(store::Account& account);
    void erase(store::Account& account);

    // Commits and writes the journal.
    void commit(store::Transaction& tx, const char* operation, SteadyTime since);
    [[nodiscard]] std::int64_t dice(std::int64_t sides) {
        return static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(sides)));
    }
    // Up to `most` messages next to one another; empty when the mailbox is.
    [[nodiscard]] store::UidRanges some_of(db::Database& database, store::MailboxId mailbox, std::int64_t most);
    [[nodiscard]] Busiest busiest(db::Database& database);

    const WriterOptions options_;
    Shared& shared_;
    SeededRandom random_;
    std::map<int, store::Account> accounts_;
    int account_ = 0;  // at work on
    std::int64_t delivered_ = 0;
    UniqueFd journal_;
};

}  // namespace mox::load
