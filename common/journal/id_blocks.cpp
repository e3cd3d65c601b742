#include "journal/id_blocks.hpp"

#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::journal {

namespace fs = std::filesystem;

namespace {

struct JournalRow {
    IdBlock block;
    int lock_number = 0;
    std::string lock_token;
};

std::vector<JournalRow> rows_of(db::Database& database) {
    std::vector<JournalRow> rows;
    for (const auto& [first, last, lock_number, token] : database.rows<std::int64_t, std::int64_t, int, std::string>(
             "SELECT first_id, last_id, lock_number, lock_token FROM id_block ORDER BY first_id"))
        rows.push_back({{first, last}, lock_number, token});
    return rows;
}

// Removes files of the block that no row explains, folder by folder.
std::int64_t remove_unexplained(const Files& files, const IdBlock& block) {
    std::int64_t removed = 0;
    for (std::int64_t number = block.first / datadir::ids_per_folder; number <= block.last / datadir::ids_per_folder;
         ++number) {
        const std::string name = datadir::message_folder(number * datadir::ids_per_folder);
        const fs::path path = files.folder / name;
        if (!directory_exists(path)) continue;
        std::vector<std::int64_t> ids;
        for_each_entry(path, [&](const DirectoryEntry& entry) {
            const auto id = datadir::message_id_of(name, entry.name);
            if (id && *id >= block.first && *id <= block.last) ids.push_back(*id);
        });
        std::int64_t removed_here = 0;
        for (const auto id : ids) {
            if (files.database.value<int>(files.explained_sql, id)) continue;
            if (remove_file(path / std::to_string(id))) ++removed_here;
        }
        if (removed_here > 0) sync_directory(path);
        removed += removed_here;
    }
    return removed;
}

// The highest id of the range that has a file already, 0 without: strays, which clean-up must not take for its own.
std::int64_t highest_file(const Files& files, const IdBlock& range) {
    for (std::int64_t id = range.last; id >= range.first; --id) {
        const fs::path path = files.folder / datadir::message_path(id);
        if (status_of(path)) return id;
        if (directory_exists(path.parent_path())) continue;
        id -= id % datadir::ids_per_folder;  // no folder, no files
    }
    return 0;
}

}  // namespace

IdBlock reserve(const Files& files, std::int64_t count, std::string_view purpose,
                const datadir::Reservation& reservation, std::int64_t now_seconds, const IdBlock& ended) {
    db::Database& database = files.database;
    const std::string counters(files.counters);
    db::Transaction tx(database);
    const auto first = database.value<std::int64_t>("SELECT next_message_id FROM " + counters);
    if (!first) throw Error(Errc::corrupt, quote(database.path().native()) + ": the row of counters is missing");
    IdBlock block{*first, *first + count - 1};
    while (const auto stray = highest_file(files, block)) block = {stray + 1, stray + count};
    database.run("UPDATE " + counters + " SET next_message_id = ?", block.last + 1);
    database.run(
        "INSERT INTO id_block (first_id, last_id, purpose, lock_number, lock_token, started) VALUES (?, ?, ?, ?, ?, ?)",
        block.first, block.last, purpose, reservation.number(), reservation.token(), now_seconds);
    if (ended.last > 0) end(database, ended);
    tx.commit();
    return block;
}

std::int64_t discard(const Files& files, const IdBlock& block) {
    db::Transaction tx(files.database);
    const auto removed = remove_unexplained(files, block);
    end(files.database, block);
    tx.commit();
    return removed;
}

void end(db::Database& database, const IdBlock& block) {
    database.run("DELETE FROM id_block WHERE first_id = ?", block.first);
}

std::int64_t recover(const Files& files, const datadir::Layout& layout) {
    std::int64_t removed = 0;
    bool confirmed = false;
    for (const auto& row : rows_of(files.database)) {
        if (datadir::is_reservation_alive(layout, row.lock_number, row.lock_token)) continue;
        // A commit of the dead owner that failed must not come back after its files are gone.
        if (!confirmed && !files.database.confirm_rollback()) return removed;
        confirmed = true;
        // With the write lock held nobody else recovers the same block; its owner is gone, so no file appears either.
        db::Transaction tx(files.database);
        if (!files.database.value<int>("SELECT 1 FROM id_block WHERE first_id = ?", row.block.first)) continue;
        removed += remove_unexplained(files, row.block);
        end(files.database, row.block);
        tx.commit();
    }
    return removed;
}

}  // namespace mox::journal
