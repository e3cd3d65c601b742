#include "check/opened.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "db/sequences.hpp"
#include "db/snapshot.hpp"
#include "db/wal.hpp"

namespace mox::check {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> side_suffixes{"-wal", "-shm", "-journal"};
// What to do about a database that cannot be used: of an account there are its message files.
std::string way_back(const Scope& scope, const std::string& relative) {
    constexpr std::string_view folder = "accounts/", name = "/index.db",
                               restore = "mox-restore brings it back from a snapshot";
    if (!scope.run().options.snapshot.empty() || !relative.starts_with(folder) || !relative.ends_with(name) ||
        relative.size() <= folder.size() + name.size())
        return std::string(restore);
    const auto account = relative.substr(folder.size(), relative.size() - folder.size() - name.size());
    return fmt::format("{}; mox-verifydata --rebuild {} makes a new one from the message files", restore,
                       quote(account));
}

fs::path beside(const fs::path& path, std::string_view suffix) {
    return fs::path(path.native() + std::string(suffix));
}

// Size and time of change of the database and its log.
std::string stamp_of(const fs::path& path) {
    std::string stamp;
    for (const std::string_view suffix : {"", "-wal", "-journal"})
        if (const auto status = status_of(beside(path, suffix)))
            stamp += fmt::format("{} {} {} {}.{};", suffix, status->st_ino, status->st_size, status->st_mtim.tv_sec,
                                 status->st_mtim.tv_nsec);
    return stamp;
}

// Nothing but regular files is opened: a named pipe would make us wait, a link would lead out.
bool is_openable(Scope& scope, const fs::path& path, const std::string& relative, IfMissing if_missing) {
    const auto status = status_of(path);
    if (!status) {
        if (if_missing == IfMissing::error) scope.add("database", relative, "is missing", way_back(scope, relative));
        return false;
    }
    check_owner(scope, relative, *status);
    if (!S_ISREG(status->st_mode)) {
        scope.add("database", relative, fmt::format("is {}, not a database", kind_of(status->st_mode)),
                  way_back(scope, relative));
        return false;
    }
    for (const auto suffix : side_suffixes) {
        const auto side = status_of(beside(path, suffix));
        if (!side || S_ISREG(side->st_mode)) continue;
        scope.add("database", relative + std::string(suffix),
                  fmt::format("is {}, not a file of the database", kind_of(side->st_mode)));
        return false;
    }
    return true;
}

bool looks_like_sqlite(Scope& scope, const fs::path& path, const std::string& relative, const db::Schema& schema) {
    const auto fd = open_for_reading(path);
    std::array<std::byte, 20> head{};
    const std::string_view text = as_text(std::span(head).first(read_full(fd.get(), head, path)));
    if (text.starts_with(std::string_view("SQLite format 3\0", 16))) return true;
    if (text.empty()) {
        // The first transaction of a new database may still be in the log.
        const auto log = status_of(beside(path, "-wal"));
        if (log && log->st_size > 0) return true;
        scope.add("database", relative, fmt::format("is empty, not {}", schema.kind), way_back(scope, relative));
    } else if (text.size() == 20 && text.substr(16) == "\xed\xda\x0c\xed") {
        scope.add_unknown_format(relative, "was written by the original mox (BoltDB)", "convert the directory first");
    } else {
        scope.add("database", relative, "does not begin like a database", way_back(scope, relative));
    }
    return false;
}

// A file that lost its end, where nobody writes: SQLite takes what is missing for zeros, and only notices when it is in
// use. Bytes 16 and 28 of the header hold page size and page count (SQLite file format, section 1.3).
void check_length(Scope& scope, const fs::path& path, const std::string& relative) {
    for (const std::string_view suffix : {"-wal", "-journal"})
        if (const auto log = status_of(beside(path, suffix)); log && log->st_size > 0) return;
    const auto fd = open_for_reading(path);
    std::array<std::byte, 32> head{};
    if (read_full(fd.get(), head, path) < head.size()) return;
    const auto number = [&](std::size_t at, std::size_t size) {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) value = value * 256 + static_cast<std::int64_t>(head[at + i]);
        return value;
    };
    const std::int64_t page_size = number(16, 2) == 1 ? 65'536 : number(16, 2);
    const std::int64_t expected = page_size * number(28, 4);
    const auto status = status_of(path);
    if (status && expected > 0 && status->st_size != expected)
        scope.add("database-integrity", relative,
                  fmt::format("has {} bytes, should have {}", status->st_size, expected), way_back(scope, relative));
}

// What SQLite does not notice, or passes over in silence.
void check_files(Scope& scope, const fs::path& path, const std::string& relative) {
    check_length(scope, path, relative);
    if (const auto damage = db::wal_damage(path); !damage.empty())
        scope.add("database-integrity", relative, damage, way_back(scope, relative));
}

bool has_known_format(Scope& scope, db::Database& database, const std::string& relative, const db::Schema& schema) {
    if (const auto id = db::application_id(database); id != schema.application_id) {
        scope.add_unknown_format(
            relative,
            fmt::format("has application id {:#x}, not {:#x}, so it is no {}", id, schema.application_id, schema.kind),
            {});
        return false;
    }
    const int version = db::schema_version(database);
    if (version > schema.version()) {
        scope.add_unknown_format(relative,
                                 fmt::format("has schema version {}, newer than {}, the newest that this program knows",
                                             version, schema.version()),
                                 "use a newer release of moxtools");
        return false;
    }
    if (version < 1) {
        scope.add("database-format", relative, fmt::format("has schema version {}, which never was", version));
        return false;
    }
    return true;
}

}  // namespace

std::unique_ptr<OpenedDatabase> OpenedDatabase::open(Scope& scope, const fs::path& path, const db::Schema& schema,
                                                     IfMissing if_missing) {
    const std::string relative = scope.run().layout.relative(path);
    std::unique_ptr<OpenedDatabase> opened;
    scope.guard(relative, [&] {
        if (!is_openable(scope, path, relative, if_missing) || !looks_like_sqlite(scope, path, relative, schema))
            return;
        std::unique_ptr<OpenedDatabase> made(new OpenedDatabase(path, relative));
        made->stamp_ = stamp_of(path);
        made->untouched_.emplace(path, scope.run().scratch,
                                 db::OpenOptions{.lock_timeout = scope.run().options.lock_timeout});
        db::Database& database = made->untouched_->database();
        db::stop_on_signal(database);
        if (!has_known_format(scope, database, relative, schema)) return;
        made->version_ = db::schema_version(database);
        if (made->is_live())
            made->state_.emplace(database);
        else if (scope.wanted("database-integrity"))
            check_files(scope, path, relative);
        if (made->version_ < schema.version()) made->upgrade_copy(scope, schema);
        opened = std::move(made);
    });
    return opened;
}

// What the checks of rows know is the newest version.
void OpenedDatabase::upgrade_copy(Scope& scope, const db::Schema& schema) {
    scope.add("database-version", relative_,
              fmt::format("has schema version {}; the next program that writes to it upgrades it to {}", version_,
                          schema.version()),
              "take a backup before: mox-backup");
    upgraded_folder_.emplace(scope.run().scratch, "mox-verify-");
    const fs::path copy = upgraded_folder_->path() / path_.filename();
    db::snapshot(untouched_->database(), copy, {.lock_timeout = scope.run().options.lock_timeout});
    { (void)db::open(copy, schema, {.access = db::Access::read_write, .switch_to_wal = false}); }
    upgraded_.reset(new OpenedDatabase(copy, relative_));
    upgraded_->untouched_.emplace(copy, scope.run().scratch);
    upgraded_->version_ = schema.version();
}

OpenedDatabase::Lease::~Lease() {
    if (!own_) return;
    const std::lock_guard lock(owner_->idle_mutex_);
    owner_->idle_.push_back(std::move(own_));
}

OpenedDatabase::Lease OpenedDatabase::borrow() {
    return upgraded_ ? upgraded_->borrow_own() : borrow_own();
}

OpenedDatabase::Lease OpenedDatabase::borrow_own() {
    Lease lease;
    lease.owner_ = this;
    if (untouched_->is_live()) {
        lease.lock_ = std::unique_lock(live_mutex_);
        lease.connection_ = &untouched_->database();
        return lease;
    }
    {
        const std::lock_guard lock(idle_mutex_);
        if (!idle_.empty()) {
            lease.own_ = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!lease.own_) {
        lease.own_ = std::make_unique<db::Database>(untouched_->connect());
        db::stop_on_signal(*lease.own_);
    }
    lease.connection_ = lease.own_.get();
    return lease;
}

OpenedDatabase::Lease OpenedDatabase::borrow_fresh() {
    if (upgraded_) return upgraded_->borrow_fresh();
    Lease lease;
    lease.owner_ = this;
    lease.lock_ = std::unique_lock(fresh_mutex_);
    if (!fresh_) fresh_.emplace(untouched_->connect());
    lease.connection_ = &*fresh_;
    return lease;
}

bool OpenedDatabase::changed_meanwhile() const {
    return !untouched_->is_live() && (stamp_of(path_) != stamp_);
}

// Of a database that has another schema than it should.
std::string OpenedDatabase::way_to_mend(const Scope& scope, db::Database& database, const db::Schema& schema) const {
    if (scope.run().options.snapshot.empty() && db::missing_indexes(database, schema, version_))
        return "mox-verifydata --fix makes missing indexes anew";
    return way_back(scope, relative_);
}

std::vector<Pool::Task> OpenedDatabase::format_tasks(Scope& scope, const db::Schema& schema) {
    const int limit = static_cast<int>(std::min<std::size_t>(scope.run().options.most_findings, 10'000)) + 1;
    std::vector<Pool::Task> tasks;
    // The integrity check comes first: it takes longest and cannot be divided. It has a connection of its own, as any
    // state of a live database must pass.
    if (scope.wanted("database-integrity"))
        tasks.push_back([this, &scope, limit] {
            scope.guard(relative_, [&] {
                db::Database database = untouched_->connect();
                db::stop_on_signal(database);
                db::check_integrity(database, limit, [&](const std::string& text) {
                    scope.add("database-integrity", relative_, escaped(text), way_back(scope, relative_));
                });
            });
        });
    if (scope.wanted("foreign-key"))
        tasks.push_back([this, &scope, limit] {
            scope.guard(relative_, [&] {
                db::check_foreign_keys(*borrow_own(), limit, [&](const std::string& text) {
                    scope.add("foreign-key", relative_, escaped(text));
                });
            });
        });
    tasks.push_back([this, &scope, &schema, limit] {
        scope.guard(relative_, [&] {
            const Lease database = borrow_own();
            if (scope.wanted("database-schema"))
                if (const auto difference = db::schema_difference(*database, schema, version_); !difference.empty())
                    scope.add("database-schema", relative_, difference, way_to_mend(scope, *database, schema));
            if (scope.wanted("seal"))
                db::check_seals(*database, limit, [&](const std::string& row) {
                    scope.add("seal", relative_, "row changed since it was written: " + row);
                });
            if (scope.wanted("sequence"))
                for (const auto& fault : db::sequence_faults(*database)) scope.add("sequence", relative_, fault.detail);
        });
    });
    return tasks;
}

void check_plain_database(Scope& scope, const fs::path& path, const db::Schema& schema, IfMissing if_missing) {
    look_until_stable(scope, [&] {
        const auto opened = OpenedDatabase::open(scope, path, schema, if_missing);
        if (!opened) return true;
        scope.run().pool.run(opened->format_tasks(scope, schema));
        return !opened->changed_meanwhile();
    });
}

bool is_side_file(std::string_view name, std::string_view database) {
    if (!name.starts_with(database)) return false;
    const auto suffix = name.substr(database.size());
    return std::find(side_suffixes.begin(), side_suffixes.end(), suffix) != side_suffixes.end();
}

void look_until_stable(Scope& scope, const std::function<bool()>& look) {
    constexpr int most_looks = 3;
    for (int i = 1; !look() && i < most_looks; ++i) scope.clear();
}

}  // namespace mox::check
