#include "snapshot/databases.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "datadir/layout.hpp"
#include "db/snapshot.hpp"
#include "queue/schema.hpp"
#include "store/schema.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view account_rows =
    "SELECT m.id, m.size - length(m.prefix), m.id IN (SELECT message_id FROM erase_queue), m.file_sha256"
    " FROM message m"
    " WHERE m.id BETWEEN ?1 AND ?2 ORDER BY m.id";
constexpr std::string_view queue_rows =
    "SELECT m.id, m.size - length(p.prefix), 0, p.file_sha256 FROM pending p JOIN message m ON m.id = p.message_id"
    " WHERE m.id BETWEEN ?1 AND ?2 UNION ALL"
    " SELECT message_id, 0, 1, NULL FROM erase_queue WHERE message_id BETWEEN ?1 AND ?2 ORDER BY 1";

bool is_read_only_filesystem(const fs::path& path) {
    struct statvfs status = {};
    return ::statvfs(path.c_str(), &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

Ownership private_file_like(const fs::path& source) {
    const auto status = status_of(source);
    return {.file_mode = status ? static_cast<mode_t>((status->st_mode & 0777) | 0600) : 0600};
}

// Copies the bytes of `path` if it is there; a source that cannot be read is a problem.
void copy_bytes(Run& run, const std::string& path) {
    const fs::path from = run.source(path);
    if (!status_of(from)) return;
    try {
        link_or_copy(from, run.target(path), {}, private_file_like(from));
    } catch (const Error&) {
        const auto fault = reading_fault(AT_FDCWD, from.c_str());
        if (!fault) throw;
        run.add_problem(path, *fault);
    }
}

void copy_raw(Run& run, const std::string& path) {
    for (const std::string_view suffix : {"", "-wal", "-journal"}) copy_bytes(run, path + std::string(suffix));
}

// Where nobody can write, SQLite cannot make the side files that it needs, and nobody changes the files meanwhile.
void copy_from_read_only(Run& run, const std::string& path) {
    const fs::path to = run.target(path);
    const Ownership ownership = private_file_like(run.source(path));
    for (const std::string suffix : {"", "-wal", "-journal"})
        if (status_of(run.source(path + suffix)))
            link_or_copy(run.source(path + suffix), run.target(path + suffix), {}, ownership);
    db::Database copy(to, {.access = db::Access::read_write});
    copy.exec("PRAGMA journal_mode = DELETE");
}

void copy_pages(Run& run, const std::string& path) {
    const fs::path from = run.source(path);
    // SQLite deletes the WAL of an empty database when it opens it, and here the WAL may be all that is left.
    if (const auto status = status_of(from); status && S_ISREG(status->st_mode) && status->st_size == 0)
        throw Error(Errc::corrupt, "the file is empty");
    if (is_read_only_filesystem(from)) return copy_from_read_only(run, path);
    const db::OpenOptions options{.lock_timeout = run.options().lock_timeout, .cache_kib = 2048};
    db::snapshot(from, run.target(path), options, private_file_like(from));
}

void remove_copy(const Run& run, const std::string& path) {
    for (const std::string_view suffix : {"", "-wal", "-shm", "-journal"})
        remove_file(run.target(path + std::string(suffix)));
}

}  // namespace

db::Database open_copy(const fs::path& path, const db::Schema& schema) {
    return db::open(path, schema, {.access = db::Access::immutable, .cache_kib = 2048}, db::OlderVersion::accept);
}

DatabaseResult copy_database(Run& run, const std::string& path, const db::Schema& schema) {
    if (!status_of(run.source(path))) return DatabaseResult::absent;
    make_target_directory(run, fs::path(path).parent_path().native());
    try {
        copy_pages(run, path);
        (void)open_copy(run.target(path), schema);
        return DatabaseResult::copied;
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        if (error.code() == Errc::no_space || error.code() == Errc::newer_version) throw;
        if (!status_of(run.source(path))) return DatabaseResult::absent;  // removed meanwhile
        replace_by_raw_copy(run, path, error.what());
        return error.code() == Errc::locked ? DatabaseResult::locked : DatabaseResult::damaged;
    }
}

void replace_by_raw_copy(Run& run, const std::string& path, const std::string& why) {
    remove_copy(run, path);
    run.add_problem(path, "cannot be copied as a database, so its bytes were: " + why);
    copy_raw(run, path);
}

void add_copied_database(Run& run, const std::string& path) {
    // SQLite does not say when it could not remove them.
    for (const std::string_view suffix : {"-wal", "-shm", "-journal"})
        remove_file(run.target(path + std::string(suffix)));
    run.add_file(run.output().add_database(run, "data/" + path, Stored::database));
}

void add_raw_database(Run& run, const std::string& path) {
    for (const std::string_view suffix : {"", "-wal", "-journal"}) {
        const std::string name = path + std::string(suffix);
        if (status_of(run.target(name))) run.add_file(run.output().add_database(run, "data/" + name, Stored::raw));
    }
}

MessageStore account_messages(std::string_view account) {
    const std::string folder = "accounts/" + std::string(account);
    return {.database = folder + "/index.db",
            .folder = folder + "/msg",
            .schema = &store::account_schema(),
            .rows_sql = account_rows,
            .folders_sql = "SELECT DISTINCT id / 8192 FROM message",
            .next_id_sql = "SELECT next_message_id FROM account"};
}

MessageStore queue_messages() {
    return {.database = "queue/index.db",
            .folder = "queue",
            .schema = &queue::queue_schema(),
            .rows_sql = queue_rows,
            .folders_sql = "SELECT message_id / 8192 FROM pending UNION SELECT message_id / 8192 FROM erase_queue",
            .next_id_sql = "SELECT next_message_id FROM queue"};
}

std::vector<MessageRow> read_rows(db::Database& database, const MessageStore& store, std::int64_t first,
                                  std::int64_t last) {
    std::vector<MessageRow> rows;
    db::Statement row = database.prepare(store.rows_sql);
    row.bind(first, last);
    while (row.step()) {
        MessageRow& added = rows.emplace_back(
            MessageRow{row.column<std::int64_t>(0), row.column<std::int64_t>(1), row.column<bool>(2), std::nullopt});
        if (row.is_null(3)) continue;
        const auto bytes = as_bytes(row.column<std::string_view>(3));
        if (bytes.size() == sizeof(Sha256Digest)) std::ranges::copy(bytes, added.sha256.emplace().begin());
    }
    return rows;
}

bool StoreFacts::may_lack_row(std::int64_t id) const {
    return id >= next_id ||
           std::ranges::any_of(blocks, [&](const auto& block) { return block.first <= id && id <= block.second; });
}

void end_reservations(const fs::path& copy) {
    db::Database database(copy, {.access = db::Access::read_write});
    database.exec("DELETE FROM id_block; PRAGMA journal_mode = DELETE");
}

StoreFacts read_facts(db::Database& database, const MessageStore& store) {
    StoreFacts facts;
    for (const auto& [folder] : database.rows<std::int64_t>(store.folders_sql)) facts.folders.push_back(folder);
    facts.next_id = database.value<std::int64_t>(store.next_id_sql).value_or(1);
    for (const auto& [first, last] :
         database.rows<std::int64_t, std::int64_t>("SELECT first_id, last_id FROM id_block"))
        facts.blocks.emplace_back(first, last);
    if (store.schema == &queue::queue_schema()) {
        facts.messages = database.value<std::int64_t>("SELECT count(*) FROM pending").value_or(0);
        return facts;
    }
    facts.mailboxes = database.value<std::int64_t>("SELECT count(*) FROM mailbox WHERE expunged = 0").value_or(0);
    facts.messages = database
                         .value<std::int64_t>(
                             "SELECT (SELECT count(*) FROM message) - (SELECT count(*) FROM"
                             " erase_queue)")
                         .value_or(0);
    return facts;
}

}  // namespace mox::snapshot
