#include "db/snapshot.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "base/error.hpp"
#include "base/interrupt.hpp"

namespace mox::db {

namespace {

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { ::sqlite3_backup_finish(backup); }
};

// The backup interface does not call the busy handler of the source, so the waiting is here.
void copy_pages(Database& source, Database& target, std::chrono::milliseconds timeout) {
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
        ::sqlite3_backup_init(target.handle(), "main", source.handle(), "main"));
    if (!backup) target.fail(::sqlite3_extended_errcode(target.handle()), "start copying");
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const int result = ::sqlite3_backup_step(backup.get(), -1);
        if (result == SQLITE_DONE) return;
        const int kind = result & 0xff;
        if ((kind != SQLITE_BUSY && kind != SQLITE_LOCKED) || std::chrono::steady_clock::now() > deadline)
            (kind == SQLITE_FULL || kind == SQLITE_IOERR ? target : source).fail(result, "copy");
        check_interrupt();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace

void snapshot(const std::filesystem::path& from, const std::filesystem::path& to, const OpenOptions& options,
              const Ownership& ownership) {
    if (status_of(to)) throw system_error(EEXIST, "create", to.native());
    OpenOptions reading = options;
    reading.access = Access::read_only;
    Database source(from, reading);
    snapshot(source, to, options, ownership);
}

void snapshot(Database& source, const std::filesystem::path& to, const OpenOptions& options,
              const Ownership& ownership) {
    if (status_of(to)) throw system_error(EEXIST, "create", to.native());
    try {
        Database target(to, {.access = Access::create,
                             .durability = Durability::off,
                             .ownership = ownership,
                             .switch_to_wal = false});  // pages are written once, not first to a log
        copy_pages(source, target, options.lock_timeout);
        target.exec("PRAGMA journal_mode = DELETE");  // the copy of a WAL database says WAL in its header
    } catch (...) {
        ::unlink(to.c_str());
        throw;
    }
}

}  // namespace mox::db
