#include "store/account.hpp"

#include <fcntl.h>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/random.hpp"
#include "journal/scratch.hpp"
#include "model/mailbox_name.hpp"
#include "store/id_blocks.hpp"
#include "store/mailbox.hpp"
#include "store/schema.hpp"

namespace mox::store {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t ids_per_block = 64;

const SystemClock system_clock;

db::OpenOptions database_options(const AccountOptions& options, const Ownership& ownership) {
    return {.access = options.access,
            .lock_timeout = options.lock_timeout,
            .cache_kib = options.cache_kib,
            .ownership = ownership};
}

// The database of a new account, complete with its counters and mailboxes, but not in its place yet.
void make_database(const fs::path& path, std::int64_t now, const Ownership& ownership) {
    db::Database database = db::open(path, account_schema(), {.access = db::Access::create, .ownership = ownership});
    // As in the original: UIDVALIDITY starts at half of the time, so that a new account of an old name gets a higher
    // one.
    database.run(
        "INSERT INTO account (id, next_message_id, next_uidvalidity, last_modseq, highest_deleted_modseq,"
        " message_size, trains) VALUES (1, 1, ?, 1, 0, 0, 0)",
        std::max<std::int64_t>(1, now / 2));
}

}  // namespace

struct Account::Block {
    datadir::Reservation reservation;
    IdBlock ids, previous;
    std::int64_t next = 0;
    bool in_doubt = false;
    std::int64_t temporary_files = 0;  // names given out
};

std::vector<InitialMailbox> default_initial_mailboxes() {
    return {{"Archive", SpecialUse::archive},
            {"Drafts", SpecialUse::drafts},
            {"Junk", SpecialUse::junk},
            {"Sent", SpecialUse::sent},
            {"Trash", SpecialUse::trash}};
}

Account::Account(const datadir::Layout& layout, std::string_view name, const AccountOptions& options,
                 db::Database database)
    : layout_(layout),
      name_(name),
      database_(std::move(database)),
      clock_(options.clock ? options.clock : &system_clock),
      junk_flags_(options.junk_flags) {
    ownership_ = datadir::ownership_of(layout.root());
}

Account Account::open(const datadir::Layout& layout, std::string_view name, const AccountOptions& options) {
    return in_context("account " + quote(name), [&] {
        const auto path = layout.account_db(name);
        if (!datadir::account_name_problem(name).empty() || !status_of(path))
            throw Error(Errc::not_found, "no such account",
                        "accounts are the folders of " + quote(layout.accounts().native()));
        Account account(
            layout, name, options,
            db::open(path, account_schema(), database_options(options, datadir::ownership_of(layout.root())),
                     options.access == db::Access::read_write ? db::OlderVersion::migrate : db::OlderVersion::accept));
        if (options.access == db::Access::read_write) recover_reservations(account);
        return account;
    });
}

Account Account::create(const datadir::Layout& layout, std::string_view name,
                        const std::vector<InitialMailbox>& mailboxes, const AccountOptions& options) {
    return in_context("account " + quote(name), [&] {
        if (const auto problem = datadir::account_name_problem(name); !problem.empty())
            throw Error(Errc::usage, "not a name for an account: " + std::string(problem));
        if (status_of(layout.account(name))) throw Error(Errc::failed, "exists already");
        const Ownership ownership = datadir::ownership_of(layout.root());
        make_directory(layout.tmp(), ownership);
        // Made aside and renamed: there is never an account without its mailboxes.
        const TemporaryDirectory aside(layout.tmp(), "new-account-");
        const datadir::Layout aside_layout(aside.path());
        make_directories(aside_layout.account(name), ownership);
        const Clock& clock = options.clock ? *options.clock : system_clock;
        make_database(aside_layout.account_db(name), clock.now().seconds, ownership);
        {
            Account account(
                aside_layout, name, options,
                db::open(aside_layout.account_db(name), account_schema(), database_options(options, ownership)));
            Transaction tx(account);
            create_mailbox(tx, model::inbox_name, Subscribe::yes);
            for (const auto& mailbox : mailboxes) create_mailbox(tx, mailbox.name, Subscribe::yes, mailbox.special_use);
            tx.commit();
        }
        const UniqueFd file = open_for_reading(aside_layout.account_db(name));
        sync_file(file.get(), aside_layout.account_db(name));
        sync_directory(aside_layout.account(name));
        make_directory(layout.accounts(), ownership);
        rename_file(aside_layout.account(name), layout.account(name));
        sync_directory(layout.accounts());
        return open(layout, name, options);
    });
}

Timestamp Account::now() const {
    return clock_->now();
}

void Account::ensure_ids() {
    if (block_ && block_->next <= block_->ids.last) return;
    if (!block_) block_ = std::make_shared<Block>(Block{.reservation = datadir::Reservation::take(layout_), .ids = {}});
    // The block before last: messages of the last may be prepared and not committed yet.
    if (block_->previous.last > 0 && !block_->in_doubt) journal::end(database_, block_->previous);
    block_->previous = block_->ids;
    block_->ids = reserve_ids(*this, ids_per_block, "delivery", block_->reservation);
    block_->next = block_->ids.first;
}

MessageId Account::take_message_id() {
    ensure_ids();
    return static_cast<MessageId>(block_->next++);
}

void Account::close() {
    if (!block_) return;
    const auto block = std::exchange(block_, nullptr);
    if (block->in_doubt) return;
    journal::end(database_, block->ids);
    if (block->previous.last > 0) journal::end(database_, block->previous);
}

void Account::leave_id_block() {
    if (block_) block_->in_doubt = true;
}

fs::path Account::temporary_file() {
    if (!block_) ensure_ids();
    return journal::scratch_file(layout_, block_->reservation.token(), "-" + std::to_string(++block_->temporary_files));
}

}  // namespace mox::store
