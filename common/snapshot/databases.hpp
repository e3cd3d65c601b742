#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "db/database.hpp"
#include "db/schema.hpp"
#include "snapshot/run.hpp"

// Databases of a snapshot. Internal to this folder.

namespace mox::snapshot {

enum class DatabaseResult {
    absent,  // there is none
    copied,
    locked,   // a problem: its bytes were copied, as far as they can be
    damaged,  // likewise
};

// Copies the database `path` ("accounts/alice/index.db") as of one moment. What cannot be read as a database of that
// kind is copied as it is, with its WAL, and is a problem. Throws for a newer schema, a full disk, a signal, and
// failures of the destination.
DatabaseResult copy_database(Run& run, const std::string& path, const db::Schema& schema);
// Replaces the copy by the bytes of the source, and says why: for damage that shows only when the copy is read.
void replace_by_raw_copy(Run& run, const std::string& path, const std::string& why);

// Adds a copied database to the output and the manifest; or, what was copied of the bytes of one.
void add_copied_database(Run& run, const std::string& path);
void add_raw_database(Run& run, const std::string& path);

// Opens a database of a snapshot without leaving a trace in it.
[[nodiscard]] db::Database open_copy(const std::filesystem::path& path, const db::Schema& schema);

// Where message files lie and which database knows them: an account's msg/, or the queue.
struct MessageStore {
    std::string database;  // "accounts/alice/index.db"
    std::string folder;    // "accounts/alice/msg"
    const db::Schema* schema = nullptr;
    // Rows (id, size of the file, waits for erasure, SHA-256 of the file) with ids between two parameters, by id.
    std::string_view rows_sql;
    std::string_view folders_sql;  // id / 8192 of all rows, each once
    std::string_view next_id_sql;
};
[[nodiscard]] MessageStore account_messages(std::string_view account);
[[nodiscard]] MessageStore queue_messages();

// What a database says of one message file.
struct MessageRow {
    std::int64_t id, size_bytes;
    bool waits_for_erasure;
    std::optional<Sha256Digest> sha256;  // nullopt: not known any more
};
// Those with ids from `first` to `last`, by id.
[[nodiscard]] std::vector<MessageRow> read_rows(db::Database& database, const MessageStore& store, std::int64_t first,
                                                std::int64_t last);

// Takes the journal of ids in use out of a copy: whoever used them was writing to the original, and files of ids
// without a row are not copied. The ids stay burned.
void end_reservations(const std::filesystem::path& copy);

// What a database says about the files beside it, besides its rows.
struct StoreFacts {
    std::vector<std::int64_t> folders;  // id / 8192
    std::int64_t next_id = 1;
    std::vector<std::pair<std::int64_t, std::int64_t>> blocks;  // first and last id
    std::int64_t mailboxes = 0, messages = 0;

    // True for ids whose file may exist without a row: newer than the snapshot, or of a block in use.
    [[nodiscard]] bool may_lack_row(std::int64_t id) const;
};
[[nodiscard]] StoreFacts read_facts(db::Database& database, const MessageStore& store);

}  // namespace mox::snapshot
