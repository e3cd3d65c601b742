#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "db/inspect.hpp"
#include "repair/database.hpp"
#include "repair/rebuild_steps.hpp"
#include "store/mailbox.hpp"
#include "store/schema.hpp"
#include "store/transaction.hpp"

namespace mox::repair {

namespace fs = std::filesystem;

namespace {

// What damage can leave in the row of counters is refused: beyond these nothing would be left to give out.
constexpr std::int64_t largest_uidvalidity = 0xffff0000, largest_modseq = std::int64_t{1} << 56;

bool is_plausible(const UsedNumbers& numbers) {
    return numbers.next_message_id > 0 && numbers.next_message_id < largest_plausible_id &&
           numbers.next_uidvalidity > 0 && numbers.next_uidvalidity < largest_uidvalidity && numbers.last_modseq >= 0 &&
           numbers.last_modseq < largest_modseq;
}

Error damaged(const fs::path& snapshot, const std::string& text) {
    return {Errc::corrupt, quote(snapshot.native()) + ": " + text,
            "choose another snapshot; mox-verifydata checks them"};
}

void copy_snapshot(const fs::path& copy, const RebuildOptions& options, const Ownership& ownership) {
    make_directories(copy.parent_path(), ownership);
    copy_database(options.snapshot_database, copy, options.lock_timeout, ownership);
    auto database = db::open(copy, store::account_schema(),
                             {.access = db::Access::read_write, .ownership = ownership, .switch_to_wal = false});
    const auto report = [&](const std::string& text) { throw damaged(options.snapshot_database, text); };
    db::check_integrity(database, 1, report);
    db::check_seals(database, 1, [&](const std::string& row) { report("row changed since it was written: " + row); });
}

// Whoever reserved ids is not here, and the junk filter is made anew.
bool forget_others(db::Database& database) {
    db::Transaction tx(database);
    const bool trains = database.value<bool>("SELECT trains FROM account").value_or(false);
    database.exec(
        "DELETE FROM id_block; DELETE FROM training_log; UPDATE placement SET trained = 0 WHERE trained <> 0;"
        "UPDATE account SET trains = 0");
    tx.commit();
    return trains;
}

}  // namespace

void UsedNumbers::raise_to(const UsedNumbers& other) {
    next_message_id = std::max(next_message_id, other.next_message_id);
    next_uidvalidity = std::max(next_uidvalidity, other.next_uidvalidity);
    last_modseq = std::max(last_modseq, other.last_modseq);
}

std::optional<UsedNumbers> used_numbers(const fs::path& database, const fs::path& scratch) {
    const auto status = status_of(database);
    if (!status || !S_ISREG(status->st_mode)) return std::nullopt;
    try {
        db::Untouched look(database, scratch);
        for (const auto& table : db::sealed_tables(look.database())) {
            if (table.name != "account") continue;
            const auto row = look.database().row<std::int64_t, std::int64_t, std::int64_t>(
                "SELECT next_message_id, next_uidvalidity, last_modseq FROM account WHERE NOT (" + table.broken + ")");
            if (!row) return std::nullopt;
            const UsedNumbers numbers{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row)};
            return is_plausible(numbers) ? std::optional(numbers) : std::nullopt;
        }
        return std::nullopt;
    } catch (const Interrupted&) {
        throw;
    } catch (const Error&) {
        return std::nullopt;
    }
}

void require_beyond_repair(const fs::path& path, const fs::path& scratch, std::chrono::milliseconds lock_timeout) {
    const auto status = status_of(path);
    if (!status || !S_ISREG(status->st_mode)) return;
    bool is_sound = false;
    try {
        db::Untouched look(path, scratch, {.lock_timeout = lock_timeout});
        db::stop_on_signal(look.database());
        if (db::application_id(look.database()) != store::account_schema().application_id) return;
        db::require_kind(look.database(), store::account_schema());
        is_sound = is_mendable(look.database(), store::account_schema());
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        if (error.code() == Errc::newer_version || error.code() == Errc::locked) throw;
    }
    if (is_sound)
        throw Error(Errc::failed, quote(path.native()) + ": the database is sound, or can be mended as it is",
                    "mox-verifydata --fix mends what is wrong with it; --force makes a new one nevertheless");
}

Beginning begin_database(const datadir::Layout& beside, const RebuildOptions& options, const fs::path& messages) {
    const std::string& name = options.account;
    bool trains = false;
    if (options.snapshot_database.empty()) {
        (void)store::Account::create(beside, name);
    } else {
        const Ownership ownership = datadir::ownership_of(beside.root());
        copy_snapshot(beside.account_db(name), options, ownership);
        // Before the account is opened: that removes files of reservations whose owner is gone.
        auto database = db::open(beside.account_db(name), store::account_schema(), {.access = db::Access::read_write});
        trains = forget_others(database);
    }
    if (status_of(messages)) fs::create_directory_symlink(fs::absolute(messages), beside.messages(name));
    return {.account = store::Account::open(beside, name), .trains = trains};
}

void raise_numbers(store::Account& account, const UsedNumbers& used) {
    db::Database& database = account.database();
    {
        db::Transaction tx(database);
        database.run(
            "UPDATE account SET next_message_id = max(next_message_id, ?), next_uidvalidity = max(next_uidvalidity, ?),"
            " last_modseq = max(last_modseq, ?)",
            used.next_message_id, used.next_uidvalidity, used.last_modseq);
        tx.commit();
    }
    store::Transaction tx(account);
    for (const auto& mailbox : store::list_mailboxes(database)) store::bump_uidvalidity(tx, mailbox.id);
    tx.commit();
}

}  // namespace mox::repair
