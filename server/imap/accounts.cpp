#include "server/imap/accounts.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"
#include "store/erase.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"

namespace mox::imap {

namespace {

using namespace std::chrono_literals;

constexpr auto lock_timeout = 10s;
constexpr int cache_kib = 4096;
constexpr std::size_t most_indexed_at_rest = 100'000;  // messages
constexpr std::int64_t erased_at_once = 1000;          // then sessions get their turn

std::pair<dev_t, ino_t> file_of(const std::filesystem::path& path) {
    const auto status = status_of(path);
    return status ? std::pair(status->st_dev, status->st_ino) : std::pair<dev_t, ino_t>();
}

}  // namespace

store::Account& OpenAccount::account() {
    // Nobody looked meanwhile: it may have been put aside for another one, by an administrator.
    if (std::exchange(has_rested_, false) && account_ && file_of(parts_.layout.account_db(name_)) != file_) close();
    if (!account_) {
        file_ = file_of(parts_.layout.account_db(name_));
        account_.emplace(store::Account::open(parts_.layout, name_,
                                              {.access = db::Access::read_write,
                                               .lock_timeout = lock_timeout,
                                               .cache_kib = cache_kib,
                                               .clock = parts_.clock}));
        (void)changed_elsewhere();
        recent_->begin(account_->database());
    }
    return *account_;
}

store::Account& OpenAccount::account_for_writing() {
    store::Account& opened = account();
    if (parts_.rules) opened.set_junk_flags(parts_.rules(name_).junk_flags);
    return opened;
}

bool OpenAccount::has_room_for(std::int64_t bytes) {
    const std::int64_t most = parts_.rules ? parts_.rules(name_).most_bytes : 0;
    if (most <= 0) return true;
    return account().database().value<std::int64_t>("SELECT message_size FROM account").value_or(0) + bytes <= most;
}

void OpenAccount::close() {
    if (!account_) return;
    try {
        account_->close();
    } catch (const Error& error) {
        parts_.log.error("closing an account failed", {{"account", name_}, {"err", error.what()}});
    }
    account_.reset();
    indexes_.shrink_to(0);
}

void OpenAccount::rest() {
    has_rested_ = true;
    indexes_.shrink_to(most_indexed_at_rest);
    if (account_) account_->database().exec("PRAGMA shrink_memory");
}

bool OpenAccount::changed_elsewhere() {
    const auto version = account().database().value<std::int64_t>("PRAGMA data_version").value_or(0);
    return std::exchange(data_version_, version) != version;
}

OpenAccount::Chores OpenAccount::chores() {
    const auto row = account().database().row<bool, bool>(
        "SELECT EXISTS (SELECT 1 FROM training_log), EXISTS (SELECT 1 FROM erase_queue)");
    return row ? Chores{std::get<0>(*row), std::get<1>(*row)} : Chores{};
}

void OpenAccount::train() const {
    if (!status_of(parts_.layout.junk_filter_db(name_))) return;
    store::Account trained =
        store::Account::open(parts_.layout, name_, {.lock_timeout = lock_timeout, .clock = parts_.clock});
    junk::FilterDb filter = store::open_junk_filter(trained, junk::parameters_of(parts_.layout.junk_filter_db(name_)),
                                                    lock_timeout, cache_kib);
    (void)store::apply_training(trained, filter);
}

bool OpenAccount::erase_expunged() {
    std::int64_t told = INT64_MAX;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& watcher : watchers_) told = std::min(told, watcher->told_expunges.load());
    }
    return store::erase_queued(account(), {}, static_cast<store::ModSeq>(told), erased_at_once) >= erased_at_once;
}

void OpenAccount::look() {
    looking_ = false;
    if (has_watchers() && changed_elsewhere()) wake_others(nullptr);
}

void OpenAccount::add(std::shared_ptr<Watcher> watcher) {
    const std::lock_guard lock(mutex_);
    watchers_.push_back(std::move(watcher));
}

void OpenAccount::remove(const Watcher* watcher) {
    const std::lock_guard lock(mutex_);
    std::erase_if(watchers_, [&](const auto& one) { return one.get() == watcher; });
}

bool OpenAccount::has_watchers() const {
    const std::lock_guard lock(mutex_);
    return !watchers_.empty();
}

bool OpenAccount::anybody_idles() const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(watchers_, [](const auto& watcher) { return watcher->idling.load(); });
}

void OpenAccount::wake_others(const Watcher* but) {
    const std::lock_guard lock(mutex_);
    for (const auto& watcher : watchers_)
        if (watcher.get() != but && watcher->idling && watcher->wake) watcher->wake();
}

std::shared_ptr<OpenAccount> Accounts::join(const std::string& name, std::shared_ptr<Watcher> watcher) {
    const std::lock_guard lock(mutex_);
    auto& known = accounts_[name];
    auto account = known.lock();
    auto& recent = recent_[name];
    if (!recent) recent = std::make_shared<RecentMessages>();
    if (!account) known = account = std::make_shared<OpenAccount>(parts_, name, recent);
    watcher->recent = recent;
    account->add(std::move(watcher));
    return account;
}

void Accounts::leave(const std::shared_ptr<OpenAccount>& account, const Watcher* watcher) {
    account->remove(watcher);
    if (account->has_watchers()) return;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(accounts_, [](const auto& entry) { return entry.second.expired(); });
    }
    submit_erasing(account);
}

void Accounts::let_rest(const std::shared_ptr<OpenAccount>& account) {
    account->rest();
    std::shared_ptr<OpenAccount> one_too_many;
    {
        const std::lock_guard lock(mutex_);
        std::erase_if(resting_, [&](const auto& one) { return one.account == account; });
        resting_.push_back({.account = account});
        if (resting_.size() > most_resting) {
            one_too_many = std::move(resting_.front().account);
            resting_.pop_front();
        }
    }
    if (one_too_many) submit_closing(one_too_many);
}

void Accounts::close_rested() {
    std::vector<std::shared_ptr<OpenAccount>> rested;
    {
        const std::lock_guard lock(mutex_);
        for (auto& one : resting_) ++one.seconds;
        while (!resting_.empty() && resting_.front().seconds >= rest_seconds) {
            rested.push_back(std::move(resting_.front().account));
            resting_.pop_front();
        }
    }
    for (const auto& account : rested) submit_closing(account);
}

void Accounts::submit_closing(const std::shared_ptr<OpenAccount>& account) {
    submit_(account->name(), [account] {
        if (!account->has_watchers()) account->close();
    });
}

void Accounts::look_for_changes() {
    close_rested();
    std::vector<std::shared_ptr<OpenAccount>> accounts;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, known] : accounts_)
            if (auto account = known.lock()) accounts.push_back(std::move(account));
    }
    for (const auto& account : accounts) {
        if (!account->anybody_idles() || !account->begin_look()) continue;
        submit_(account->name(), [account, log = parts_.log] {
            try {
                account->look();
            } catch (const Error& error) {
                log.error("looking for changes failed", {{"account", account->name()}, {"err", error.what()}});
            }
        });
    }
}

void Accounts::changed(const std::string& name) {
    std::shared_ptr<OpenAccount> account;
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = accounts_.find(name); known != accounts_.end()) account = known->second.lock();
    }
    if (account) account->wake_others(nullptr);
}

// And lets an account rest that nobody uses any more.
void Accounts::submit_erasing(const std::shared_ptr<OpenAccount>& account) {
    submit_(account->name(), [this, account, log = parts_.log] {
        try {
            if (account->is_open() && account->chores().erase && account->erase_expunged())
                return submit_erasing(account);
            if (account->is_open() && !account->has_watchers()) let_rest(account);
        } catch (const Error& error) {
            log.error("erasing expunged messages failed", {{"account", account->name()}, {"err", error.what()}});
        }
    });
}

void Accounts::tidy_later(const std::shared_ptr<OpenAccount>& account, OpenAccount::Chores chores) {
    if (!chores.train) {
        if (chores.erase) submit_erasing(account);
        return;
    }
    if (!account->begin_tidying()) return;
    // What awaits its untraining is not erased before.
    submit_("tidy " + account->name(), [this, account, log = parts_.log] {
        account->end_tidying();
        try {
            account->train();
        } catch (const Error& error) {
            log.error("training the junk filter failed", {{"account", account->name()}, {"err", error.what()}});
        }
        submit_erasing(account);
    });
}

}  // namespace mox::imap
