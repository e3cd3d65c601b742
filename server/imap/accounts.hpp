#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datadir/layout.hpp"
#include "model/automatic_junk_flags.hpp"
#include "server/imap/mailbox_index.hpp"
#include "server/imap/recent.hpp"
#include "server/log/log.hpp"
#include "server/net/session.hpp"
#include "store/account.hpp"

// The accounts that sessions are logged in to. All sessions of an account share one connection to its database, used on
// the account's strand of the worker threads: their jobs run one after the other. Jobs end when they have written some
// output, and go on when the client has taken it, so none waits for a client.

namespace mox::imap {

// What an account knows of one session. Everything but wake() may be used on any thread.
struct Watcher {
    net::Waker wake;
    std::atomic<bool> idling = false;  // in IDLE: wants to be woken for changes
    // The modseq up to which the session's client was told of expunges; the largest number without a mailbox.
    std::atomic<std::int64_t> told_expunges = INT64_MAX;
    // The account's, for use on its strand; from Accounts::join() on.
    std::shared_ptr<RecentMessages> recent = nullptr;
};

// What the configuration says of an account at this moment.
struct AccountRules {
    model::AutomaticJunkFlags junk_flags;
    std::int64_t most_bytes = 0;  // of all its messages; 0: no limit
};

class OpenAccount {
public:
    struct Parts {
        datadir::Layout layout;
        const Clock* clock = nullptr;                                             // the system's when null
        std::function<AccountRules(const std::string& account)> rules = nullptr;  // none when empty
        log::Logger log;
    };
    OpenAccount(Parts parts, std::string name, std::shared_ptr<RecentMessages> recent)
        : parts_(std::move(parts)),
          name_(std::move(name)),
          recent_(std::move(recent)) {}
    OpenAccount(const OpenAccount&) = delete;
    OpenAccount& operator=(const OpenAccount&) = delete;
    ~OpenAccount() { close(); }  // a block of ids that is not given back would be gone over by the next who opens it

    [[nodiscard]] const std::string& name() const { return name_; }

    // On the account's strand.
    // Opened when it is not. Throws as store::Account::open().
    [[nodiscard]] store::Account& account();
    // With the junk flag rules in force.
    [[nodiscard]] store::Account& account_for_writing();
    [[nodiscard]] MailboxIndexes& indexes() { return indexes_; }
    // True when that many more bytes are within what the account may have.
    [[nodiscard]] bool has_room_for(std::int64_t bytes);
    // Until it is needed again.
    void close();
    // Nobody will need it for a while: keeps it open, with as little memory as that takes.
    void rest();
    [[nodiscard]] bool is_open() const { return account_.has_value(); }
    // True when another process, or another connection of this one, has changed the database since the last call.
    [[nodiscard]] bool changed_elsewhere();
    // What is left to do after changes.
    struct Chores {
        bool train = false, erase = false;
    };
    [[nodiscard]] Chores chores();
    // Erases messages that are in no mailbox any more and that every client was told of (docs/imap.md, "Expunged
    // messages"); while somebody holds erasure, they wait. Some at a time: true when there may be more.
    [[nodiscard]] bool erase_expunged();

    // On any thread but that of the strand's tasks, with a connection of its own: tells the junk filter of messages
    // that were marked.
    void train() const;

    // On any thread.
    void add(std::shared_ptr<Watcher> watcher);
    void remove(const Watcher* watcher);
    [[nodiscard]] bool has_watchers() const;
    [[nodiscard]] bool anybody_idles() const;
    // False when somebody is about to tidy up already; otherwise the caller is, until end_tidying().
    [[nodiscard]] bool begin_tidying() { return !tidying_.exchange(true); }
    void end_tidying() { tidying_ = false; }
    // False when a look for changes waits for its turn already; otherwise one does now, until look().
    [[nodiscard]] bool begin_look() { return !looking_.exchange(true); }
    // On the account's strand: wakes everybody when the database has changed.
    void look();
    // Wakes the sessions that idle, but for one.
    void wake_others(const Watcher* but);

private:
    const Parts parts_;
    const std::string name_;
    const std::shared_ptr<RecentMessages> recent_;
    std::optional<store::Account> account_;
    std::pair<dev_t, ino_t> file_ = {};  // that was opened
    bool has_rested_ = false;
    MailboxIndexes indexes_;
    std::int64_t data_version_ = 0;
    std::atomic<bool> tidying_ = false;
    std::atomic<bool> looking_ = false;  // a look for changes waits for its turn
    mutable std::mutex mutex_;           // guards what follows
    std::vector<std::shared_ptr<Watcher>> watchers_;
};

class Accounts {
public:
    using Submit = std::function<void(const std::string& strand, std::function<void()> task)>;

    // `submit` runs tasks on worker threads: net::Workers::submit().
    Accounts(OpenAccount::Parts parts, Submit submit) : parts_(std::move(parts)), submit_(std::move(submit)) {}

    [[nodiscard]] std::shared_ptr<OpenAccount> join(const std::string& name, std::shared_ptr<Watcher> watcher);
    void leave(const std::shared_ptr<OpenAccount>& account, const Watcher* watcher);
    // An account stays open after its last session for a minute or so, and at most so many of them: clients come and
    // go, and opening takes more time than most commands.
    static constexpr int rest_seconds = 60;
    static constexpr std::size_t most_resting = 32;
    // Looks for changes by others in accounts with sessions that idle, and wakes those; closes accounts that nobody
    // has used for long. To be called once a second.
    void look_for_changes();
    // Somebody in this process has changed the account.
    void changed(const std::string& name);
    // Does the chores, some time later.
    void tidy_later(const std::shared_ptr<OpenAccount>& account, OpenAccount::Chores chores);

private:
    void submit_erasing(const std::shared_ptr<OpenAccount>& account);
    void submit_closing(const std::shared_ptr<OpenAccount>& account);
    void let_rest(const std::shared_ptr<OpenAccount>& account);
    void close_rested();

    const OpenAccount::Parts parts_;
    const Submit submit_;
    std::mutex mutex_;  // guards what follows
    std::map<std::string, std::weak_ptr<OpenAccount>> accounts_;
    struct Resting {
        std::shared_ptr<OpenAccount> account;
        int seconds = 0;
    };
    std::deque<Resting> resting_;                                    // the one that rests longest first
    std::map<std::string, std::shared_ptr<RecentMessages>> recent_;  // of those that were used so far
};

}  // namespace mox::imap
