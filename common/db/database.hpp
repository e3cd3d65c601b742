#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "db/statement.hpp"

struct sqlite3;

namespace mox::db {

enum class Access {
    read_only,   // of a file that others may be writing; needs its side files or the right to make them
    read_write,  // must exist
    create,      // read_write, made when missing
    immutable,   // nobody writes: reads without locks, side files or any trace (db/inspect.hpp decides when)
};

// `full`: a commit is on disk when it returns. `off`: for scratch databases that nobody needs after a crash.
enum class Durability { full, off };

struct OpenOptions {
    Access access = Access::read_only;
    std::chrono::milliseconds lock_timeout{10'000};  // then Errc::locked; never an endless wait
    Durability durability = Durability::full;
    int cache_kib = 8192;      // page cache; memory, not a limit on the size of transactions
    Ownership ownership = {};  // of a file made by `create`
    // Writable databases change to WAL mode when they are opened. False: not before use_wal() is called.
    bool switch_to_wal = true;
};

// A function for SQL: a number of a text. `name` ends with a zero byte.
struct TextFunction {
    const char* name;
    std::int64_t (*of)(std::string_view text) noexcept;
};

// One connection to an SQLite database, WAL mode, foreign keys on. Not thread-safe: one thread at a time.
// Errors: Errc::locked, corrupt (also "file is not a database"), no_space, not_found, interrupted, failed; the message
// starts with the quoted path.
class Database {
public:
    Database(const std::filesystem::path& path, const OpenOptions& options);
    // A private database in memory.
    [[nodiscard]] static Database in_memory();
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    void use_wal();
    // `function` lives as long as the database.
    void define(const TextFunction& function);
    // Executes one or more statements without parameters.
    void exec(std::string_view sql);
    // Compiled once and kept for the next call with the same text.
    [[nodiscard]] Statement prepare(std::string_view sql);
    template <class... Arguments>
    std::int64_t run(std::string_view sql, const Arguments&... arguments) {
        return prepare(sql).run(arguments...);
    }
    template <class... Columns, class... Arguments>
    [[nodiscard]] Rows<Columns...> rows(std::string_view sql, const Arguments&... arguments) {
        Statement statement = prepare(sql);
        statement.bind(arguments...);
        return Rows<Columns...>(std::move(statement));
    }
    // The first row, if there is one; and the first column of it.
    template <class... Columns, class... Arguments>
    [[nodiscard]] std::optional<std::tuple<Columns...>> row(std::string_view sql, const Arguments&... arguments) {
        Statement statement = prepare(sql);
        statement.bind(arguments...);
        if (!statement.step()) return std::nullopt;
        return statement.row<Columns...>();
    }
    template <class T, class... Arguments>
    [[nodiscard]] std::optional<T> value(std::string_view sql, const Arguments&... arguments) {
        if (auto found = row<T>(sql, arguments...)) return std::get<0>(std::move(*found));
        return std::nullopt;
    }

    [[nodiscard]] std::int64_t last_insert_id() const;
    [[nodiscard]] bool in_transaction() const;
    void roll_back_if_open() noexcept;
    // Rolls back; true when nothing of that can come back. A commit that failed may stand complete in the log, for
    // whoever opens the database next to find, until a later one has overwritten it: that is made here. When it is
    // false, files that the failed commit's rows name must stay.
    [[nodiscard]] bool confirm_rollback() noexcept;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // The SQLite handle, for the other files of this folder.
    [[nodiscard]] sqlite3* handle() const;
    // Throws what `code` (an SQLite result) and the connection's message say, as "'path': what: message".
    [[noreturn]] void fail(int code, std::string_view what) const;

private:
    struct State;

    std::filesystem::path path_;
    std::unique_ptr<State> state_;
};

// True when this process has a connection to that file.
[[nodiscard]] bool open_in_this_process(const std::filesystem::path& path);

// One write transaction: everything until commit(), or nothing. Takes the write lock at once, not midway.
class Transaction {
public:
    explicit Transaction(Database& database) : database_(database) { database_.exec("BEGIN IMMEDIATE"); }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction() {
        if (!done_) database_.roll_back_if_open();
    }
    void commit() {
        database_.exec("COMMIT");
        done_ = true;
    }
    [[nodiscard]] Database& database() { return database_; }

private:
    Database& database_;
    bool done_ = false;
};

// All reads until the end see one state of the database.
class ReadTransaction {
public:
    explicit ReadTransaction(Database& database) : database_(database) {
        database_.exec("BEGIN");
        // BEGIN alone takes no snapshot; the first read does.
        (void)database_.value<std::int64_t>("SELECT count(*) FROM sqlite_schema");
    }
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    ~ReadTransaction() { database_.roll_back_if_open(); }

private:
    Database& database_;
};

}  // namespace mox::db
