#include "db/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "db/seal.hpp"

namespace mox::db {

namespace {

Errc code_for(int code) {
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Errc::locked;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Errc::corrupt;
        case SQLITE_FULL:
            return Errc::no_space;
        default:
            return Errc::failed;
    }
}

struct CloseHandle {
    void operator()(sqlite3* handle) const { ::sqlite3_close_v2(handle); }
};
struct Finalize {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
};

struct Wait {
    std::chrono::milliseconds timeout;
    std::chrono::steady_clock::time_point since;
};

// Waits in growing steps until the time-out; a signal that asks to stop ends the wait at once.
extern "C" int wait_for_lock(void* data, int attempt) {
    auto& wait = *static_cast<Wait*>(data);
    if (attempt == 0) wait.since = std::chrono::steady_clock::now();
    if (interrupted_by() != 0 || std::chrono::steady_clock::now() - wait.since >= wait.timeout) return 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(attempt < 10 ? 1 : attempt < 50 ? 5 : 25));
    return 1;
}

int open_flags(Access access) {
    switch (access) {
        case Access::immutable:
        case Access::read_only:
            return SQLITE_OPEN_READONLY;
        case Access::read_write:
            return SQLITE_OPEN_READWRITE;
        case Access::create:
            return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    }
    return SQLITE_OPEN_READONLY;
}

// Path as a file: URI; everything that means something in a URI is escaped.
std::string uri_for(const std::filesystem::path& path, std::string_view parameters) {
    std::string uri = "file:";
    const std::filesystem::path absolute = std::filesystem::absolute(path);
    for (const char c : absolute.native()) {
        if (c == '%' || c == '?' || c == '#')
            uri += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
        else
            uri += c;
    }
    return uri.append(parameters);
}

using FileIdentity = std::pair<dev_t, ino_t>;

// The database files that this process has open. Closing any descriptor of a file drops all locks that this process
// holds on it (POSIX), so nobody may look at the locks of these (open_in_this_process).
struct OpenFiles {
    std::mutex mutex;
    std::map<FileIdentity, int> count;
};
OpenFiles& open_files() {
    static OpenFiles files;
    return files;
}

std::optional<FileIdentity> identity_of(const std::filesystem::path& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return std::nullopt;
    return FileIdentity(status.st_dev, status.st_ino);
}

extern "C" void call_text_function(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
    const auto* function = static_cast<const TextFunction*>(::sqlite3_user_data(context));
    const auto* text = static_cast<const char*>(::sqlite3_value_blob(values[0]));
    const auto size = static_cast<std::size_t>(::sqlite3_value_bytes(values[0]));
    ::sqlite3_result_int64(context, function->of(text == nullptr ? std::string_view() : std::string_view(text, size)));
}

class Registration {
public:
    explicit Registration(std::optional<FileIdentity> identity) : identity_(identity) {
        if (!identity_) return;
        const std::lock_guard lock(open_files().mutex);
        ++open_files().count[*identity_];
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() {
        if (!identity_) return;
        const std::lock_guard lock(open_files().mutex);
        if (--open_files().count[*identity_] == 0) open_files().count.erase(*identity_);
    }

private:
    std::optional<FileIdentity> identity_;
};

}  // namespace

struct Database::State {
    std::optional<Registration> registration;
    Wait wait;
    std::unique_ptr<sqlite3, CloseHandle> handle;
    struct Cached {
        std::unique_ptr<sqlite3_stmt, Finalize> statement;
        bool in_use = false;
    };
    std::unordered_map<std::string, Cached> statements;  // by text; destroyed before the handle
};

Database::Database(const std::filesystem::path& path, const OpenOptions& options)
    : path_(path),
      state_(std::make_unique<State>()) {
    const bool memory = path == ":memory:";
    if (!memory && options.access != Access::create && !status_of(path))
        throw system_error(ENOENT, "open", path.native());
    if (!memory && options.access == Access::create && !status_of(path)) {
        // Made here, not by SQLite, so that owner and mode are right from the first moment.
        const UniqueFd made(
            ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, options.ownership.file_mode));
        if (!made) throw system_error(errno, "create", path.native());
        apply_ownership(made.get(), options.ownership, path);
    }
    state_->registration.emplace(identity_of(path));
    // Statistics of memory, which nobody reads, take a lock for each allocation. Too late when somebody else has opened
    // a database before: then they are kept.
    static const int no_statistics = ::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)no_statistics;
    sqlite3* handle = nullptr;
    const std::string name =
        memory ? ":memory:" : uri_for(path, options.access == Access::immutable ? "?immutable=1" : "");
    const int result = ::sqlite3_open_v2(name.c_str(), &handle,
                                         open_flags(options.access) | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX |
                                             SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE,
                                         nullptr);
    state_->handle.reset(handle);
    if (result != SQLITE_OK) fail(result, "open");
    state_->wait.timeout = options.lock_timeout;
    ::sqlite3_busy_handler(handle, wait_for_lock, &state_->wait);
    register_seal(handle);
    exec("PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" +
         std::to_string(options.cache_kib));
    const bool writable = options.access == Access::read_write || options.access == Access::create;
    if (options.durability == Durability::off)
        exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE");
    else if (writable)
        exec("PRAGMA synchronous = FULL");
    if (writable && options.durability == Durability::full && options.switch_to_wal) use_wal();
}

void Database::define(const TextFunction& function) {
    const int result = ::sqlite3_create_function_v2(handle(), function.name, 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                                    const_cast<TextFunction*>(&function), call_text_function, nullptr,
                                                    nullptr, nullptr);
    if (result != SQLITE_OK) fail(result, "define a function in");
}

Database Database::in_memory() {
    return Database(":memory:", {.access = Access::create, .durability = Durability::off});
}

Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

void Database::use_wal() {
    exec("PRAGMA journal_mode = WAL");
}

sqlite3* Database::handle() const {
    return state_->handle.get();
}

void Database::fail(int code, std::string_view what) const {
    if (interrupted_by() != 0 && (code_for(code) == Errc::locked || (code & 0xff) == SQLITE_INTERRUPT))
        throw Interrupted(interrupted_by());
    const bool connected = state_->handle && (::sqlite3_errcode(handle()) & 0xff) == (code & 0xff);
    std::string message = quote(path_.native()) + ": " + std::string(what) + ": " +
                          (connected ? ::sqlite3_errmsg(handle()) : ::sqlite3_errstr(code));
    if ((code & 0xff) == SQLITE_IOERR && ::sqlite3_system_errno(handle()) == ENOSPC)
        throw Error(Errc::no_space, message + ": no space left on device");
    std::string hint;
    if (code_for(code) == Errc::locked)
        hint = "another process is using the database; try again, or raise --lock-timeout";
    throw Error(code_for(code), std::move(message), std::move(hint));
}

void Database::exec(std::string_view sql) {
    const std::string text(sql);
    const char* rest = text.c_str();
    while (*rest != '\0') {
        sqlite3_stmt* raw = nullptr;
        if (const int result = ::sqlite3_prepare_v2(handle(), rest, -1, &raw, &rest); result != SQLITE_OK)
            fail(result, "prepare");
        const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
        if (!statement) continue;  // blanks or a comment
        int result = SQLITE_ROW;
        while (result == SQLITE_ROW) result = ::sqlite3_step(raw);
        if (result != SQLITE_DONE) fail(result, "execute");
    }
}

Statement Database::prepare(std::string_view sql) {
    auto& cached = state_->statements[std::string(sql)];
    if (cached.statement && !cached.in_use) {
        cached.in_use = true;
        return {*this, cached.statement.get(), &cached.in_use};
    }
    sqlite3_stmt* raw = nullptr;
    const int result = ::sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()),
                                            SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (result != SQLITE_OK) fail(result, "prepare");
    if (cached.statement) return {*this, raw, nullptr};  // the same text is running in an outer loop
    cached.statement.reset(raw);
    cached.in_use = true;
    return {*this, raw, &cached.in_use};
}

bool open_in_this_process(const std::filesystem::path& path) {
    const auto identity = identity_of(path);
    const std::lock_guard lock(open_files().mutex);
    return identity && open_files().count.contains(*identity);
}

std::int64_t Database::last_insert_id() const {
    return ::sqlite3_last_insert_rowid(handle());
}
bool Database::in_transaction() const {
    return ::sqlite3_get_autocommit(handle()) == 0;
}

void Database::roll_back_if_open() noexcept {
    if (in_transaction()) ::sqlite3_exec(handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

bool Database::confirm_rollback() noexcept try {
    roll_back_if_open();
    exec("BEGIN IMMEDIATE");
    // Writes a page although nothing changes.
    exec("PRAGMA user_version = " + std::to_string(value<int>("PRAGMA user_version").value_or(0)));
    exec("COMMIT");
    return true;
} catch (const Error&) {
    roll_back_if_open();
    return false;
}

}  // namespace mox::db
