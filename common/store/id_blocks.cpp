#include "store/id_blocks.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "base/error.hpp"
#include "store/account.hpp"

namespace mox::store {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t token_size = 32;

struct JournalRow {
    IdBlock block;
    int lock_number = 0;
    std::string lock_token;
};

std::vector<JournalRow> journal(db::Database& database) {
    std::vector<JournalRow> rows;
    for (const auto& [first, last, lock_number, token] : database.rows<std::int64_t, std::int64_t, int, std::string>(
             "SELECT first_id, last_id, lock_number, lock_token FROM id_block ORDER BY first_id"))
        rows.push_back({{first, last}, lock_number, token});
    return rows;
}

// Removes files of the block that no row explains, folder by folder.
std::int64_t remove_unexplained_files(Account& account, const IdBlock& block) {
    std::int64_t removed = 0;
    for (std::int64_t folder = block.first / datadir::ids_per_folder; folder <= block.last / datadir::ids_per_folder;
         ++folder) {
        const std::string name = datadir::message_folder(folder * datadir::ids_per_folder);
        const fs::path path = account.layout().messages(account.name()) / name;
        if (!directory_exists(path)) continue;
        std::vector<std::int64_t> ids;
        for_each_entry(path, [&](const DirectoryEntry& entry) {
            const auto id = datadir::message_id_of(name, entry.name);
            if (id && *id >= block.first && *id <= block.last) ids.push_back(*id);
        });
        std::int64_t removed_here = 0;
        for (const auto id : ids) {
            if (account.database().value<int>("SELECT 1 FROM message WHERE id = ?", id)) continue;
            if (remove_file(path / std::to_string(id))) ++removed_here;
        }
        if (removed_here > 0) sync_directory(path);
        removed += removed_here;
    }
    return removed;
}

// Scratch files of owners that are gone: those of reservations in the journal, and of processes that were killed before
// they wrote there. A token is in its lock file before anything is named after it.
void remove_dead_scratch_files(const datadir::Layout& layout) {
    if (!directory_exists(layout.tmp())) return;
    const std::string prefix = scratch_file(layout, "", "").filename();
    std::set<std::string> tokens;
    for_each_entry(layout.tmp(), [&](const DirectoryEntry& entry) {
        if (entry.name.starts_with(prefix) && entry.name.size() >= prefix.size() + token_size)
            tokens.insert(entry.name.substr(prefix.size(), token_size));
    });
    for (const auto& token : tokens)
        if (!datadir::is_reservation_alive(layout, token)) remove_scratch_files(layout, token);
}

}  // namespace

namespace {

// The highest id of the range that has a file already, 0 without: strays, which clean-up must not take for its own.
std::int64_t highest_file(const Account& account, const IdBlock& range) {
    for (std::int64_t id = range.last; id >= range.first; --id) {
        const auto path = account.message_file(static_cast<MessageId>(id));
        if (status_of(path)) return id;
        if (directory_exists(path.parent_path())) continue;
        id -= id % datadir::ids_per_folder;  // no folder, no files
    }
    return 0;
}

}  // namespace

IdBlock reserve_ids(Account& account, std::int64_t count, std::string_view purpose,
                    const datadir::Reservation& reservation) {
    db::Database& database = account.database();
    db::Transaction tx(database);
    const auto first = database.value<std::int64_t>("SELECT next_message_id FROM account").value();
    IdBlock block{first, first + count - 1};
    while (const auto stray = highest_file(account, block)) block = {stray + 1, stray + count};
    database.run("UPDATE account SET next_message_id = ?", block.last + 1);
    database.run(
        "INSERT INTO id_block (first_id, last_id, purpose, lock_number, lock_token, started) VALUES (?, ?, ?, ?, ?, ?)",
        block.first, block.last, purpose, reservation.number(), reservation.token(), account.now().seconds);
    tx.commit();
    return block;
}

void end_id_block(db::Database& database, const IdBlock& block) {
    database.run("DELETE FROM id_block WHERE first_id = ?", block.first);
}

std::int64_t discard_id_block(Account& account, const IdBlock& block) {
    db::Transaction tx(account.database());
    const auto removed = remove_unexplained_files(account, block);
    end_id_block(account.database(), block);
    tx.commit();
    return removed;
}

void remove_scratch_files(const datadir::Layout& layout, std::string_view token) {
    if (!directory_exists(layout.tmp())) return;
    const std::string prefix = scratch_file(layout, token, "").filename();
    for (const auto& entry : list_directory(layout.tmp()))
        if (entry.name.starts_with(prefix)) remove_file(layout.tmp() / entry.name);
}

std::int64_t recover_reservations(Account& account) {
    std::int64_t removed = 0;
    bool confirmed = false;
    for (const auto& row : journal(account.database())) {
        if (datadir::is_reservation_alive(account.layout(), row.lock_number, row.lock_token)) continue;
        // A commit of the dead owner that failed must not come back after its files are gone.
        if (!confirmed && !account.database().confirm_rollback()) return removed;
        confirmed = true;
        // With the write lock held nobody else recovers the same block; its owner is gone, so no file appears either.
        db::Transaction tx(account.database());
        if (!account.database().value<int>("SELECT 1 FROM id_block WHERE first_id = ?", row.block.first)) continue;
        removed += remove_unexplained_files(account, row.block);
        end_id_block(account.database(), row.block);
        tx.commit();
    }
    remove_dead_scratch_files(account.layout());
    return removed;
}

fs::path scratch_file(const datadir::Layout& layout, std::string_view token, std::string_view extension) {
    return layout.tmp() / ("scratch-" + std::string(token) + std::string(extension));
}

}  // namespace mox::store
