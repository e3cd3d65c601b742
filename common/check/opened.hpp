#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "check/scope.hpp"
#include "db/inspect.hpp"
#include "db/schema.hpp"

namespace mox::check {

enum class IfMissing { fine, error };

// A database under verification, opened without a trace, with a connection for each thread that asks. The rows of one
// of an older version are those of a private copy, upgraded; what promise P1 says is checked of the database itself.
//
// When other processes may be writing, everybody shares one connection and one state of the database, taken when it was
// opened: whoever borrows it waits for the others. Otherwise connections are many.
class OpenedDatabase {
public:
    // Null when there is nothing that could be looked into: missing, of another format, unreadable. The findings say
    // so.
    [[nodiscard]] static std::unique_ptr<OpenedDatabase> open(Scope& scope, const std::filesystem::path& path,
                                                              const db::Schema& schema, IfMissing if_missing);

    // A connection for the time of one task.
    class Lease {
    public:
        Lease() = default;
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        [[nodiscard]] db::Database& operator*() const { return *connection_; }
        [[nodiscard]] db::Database* operator->() const { return connection_; }

    private:
        friend class OpenedDatabase;
        OpenedDatabase* owner_ = nullptr;
        std::unique_ptr<db::Database> own_;  // of a database that nobody writes to
        db::Database* connection_ = nullptr;
        std::unique_lock<std::mutex> lock_;  // of a live one
    };
    [[nodiscard]] Lease borrow();
    // What the database says now, for a second look at something that may have changed since. Others wait.
    [[nodiscard]] Lease borrow_fresh();

    [[nodiscard]] bool is_live() const { return !upgraded_ && untouched_->is_live(); }
    // Relative to the data directory.
    [[nodiscard]] const std::string& path() const { return relative_; }
    // True when somebody wrote to it although nobody seemed to have it open: what was read may not fit together.
    [[nodiscard]] bool changed_meanwhile() const;

    // Tasks that check what promise P1 says of any database.
    [[nodiscard]] std::vector<Pool::Task> format_tasks(Scope& scope, const db::Schema& schema);

private:
    [[nodiscard]] Lease borrow_own();
    void upgrade_copy(Scope& scope, const db::Schema& schema);
    [[nodiscard]] std::string way_to_mend(const Scope& scope, db::Database& database, const db::Schema& schema) const;
    OpenedDatabase(std::filesystem::path path, std::string relative)
        : path_(std::move(path)),
          relative_(std::move(relative)) {}

    std::filesystem::path path_;
    std::string relative_;
    std::string stamp_;
    std::optional<db::Untouched> untouched_;
    std::optional<db::ReadTransaction> state_;  // of a live one
    std::mutex live_mutex_, fresh_mutex_, idle_mutex_;
    std::optional<db::Database> fresh_;                // guarded by fresh_mutex_
    std::vector<std::unique_ptr<db::Database>> idle_;  // guarded by idle_mutex_
    int version_ = 0;
    std::optional<TemporaryDirectory> upgraded_folder_;
    std::unique_ptr<OpenedDatabase> upgraded_;  // of an older version
};

// Checks one database that has no checks of its own beyond promise P1.
void check_plain_database(Scope& scope, const std::filesystem::path& path, const db::Schema& schema,
                          IfMissing if_missing);

// "-wal", "-shm", "-journal": names that SQLite uses beside a database.
[[nodiscard]] bool is_side_file(std::string_view name, std::string_view database);

// Runs `look` until nobody wrote meanwhile, at most three times.
void look_until_stable(Scope& scope, const std::function<bool()>& look);

}  // namespace mox::check
