#include "snapshot/take.hpp"

#include <fmt/format.h>

#include <functional>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/version.hpp"
#include "datadir/lock.hpp"
#include "junk/filter_db.hpp"
#include "reports/databases.hpp"
#include "snapshot/databases.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/message_files.hpp"
#include "snapshot/other_files.hpp"
#include "snapshot/run.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

using Work = std::function<void()>;

// Does all of it on several threads; the first failure ends the others soon.
void do_all(Run& run, const std::vector<Work>& work) {
    parallel_for(run.options().jobs, work.size(), [&](std::size_t i) {
        if (run.stopping()) return;
        try {
            work[i]();
        } catch (...) {  // rethrown by parallel_for
            run.stop();
            throw;
        }
    });
}

// A database of the snapshot, and, for an account's or the queue's, the messages it knows.
struct Copied {
    std::string path;
    const db::Schema* schema;
    std::optional<MessageStore> messages;
    DatabaseResult result = DatabaseResult::absent;
    StoreFacts facts;
};

void copy_one(Run& run, Copied& database) {
    database.result = copy_database(run, database.path, *database.schema);
    if (database.result != DatabaseResult::copied || !database.messages) return;
    try {
        auto copy = open_copy(run.target(database.path), *database.schema);
        database.facts = read_facts(copy, *database.messages);
        if (!database.facts.blocks.empty()) end_reservations(run.target(database.path));
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        replace_by_raw_copy(run, database.path, error.what());
        database.result = DatabaseResult::damaged;
    }
}

class Taking {
public:
    Taking(Run& run) : run_(run), accounts_(datadir::account_names(run.layout())) {
        for (const auto& account : accounts_) {
            add("accounts/" + account + "/junkfilter.db", junk::filter_schema(), {});
            MessageStore messages = account_messages(account);
            add(messages.database, *messages.schema, messages);
        }
        MessageStore queue = queue_messages();
        add(queue.database, *queue.schema, queue);
        for (const auto& database : reports::directory_databases())
            add(std::string(database.name), database.schema(), {});
    }

    // The junk filter first: what it has not learnt by then is in the account's training log.
    void copy_databases() {
        run_.observer().step("copying databases");
        std::vector<Work> work;
        const std::size_t of_accounts = 2 * accounts_.size();
        for (std::size_t i = 0; i < of_accounts; i += 2)
            work.emplace_back([this, i] {
                copy_one(run_, databases_[i]);
                copy_one(run_, databases_[i + 1]);
            });
        for (std::size_t i = of_accounts; i < databases_.size(); ++i)
            work.emplace_back([this, i] { copy_one(run_, databases_[i]); });
        do_all(run_, work);
        require_progress();
    }

    void copy_files() {
        run_.observer().step("storing message files");
        std::vector<Work> work;
        std::vector<FolderTask> folders;
        std::uint64_t expected = 0;
        for (const auto& database : databases_) {
            if (database.result == DatabaseResult::copied)
                work.emplace_back([this, &database] { add_copied_database(run_, database.path); });
            if (!database.messages) continue;
            if (usable(database)) {
                expected += static_cast<std::uint64_t>(database.facts.messages);
                for (auto& folder : folders_of(run_, *database.messages, database.facts, {"index.db"}))
                    folders.push_back(std::move(folder));
            } else if (is_damaged(database)) {
                // Nobody can say which files belong to it: all do.
                for (auto& folder : folders_without_rows(run_, *database.messages, {"index.db"}))
                    folders.push_back(std::move(folder));
            } else if (database.messages->folder == "queue") {
                work.emplace_back([this] { copy_queue_without_database(); });
            } else {
                work.emplace_back(
                    [this, &database] { copy_listed(run_, database.messages->folder, Report::unexpected); });
            }
        }
        run_.observer().expect(expected);
        for (const auto& folder : folders) work.emplace_back([this, &folder] { copy_folder(run_, folder); });
        do_all(run_, work);
    }

    void copy_others() {
        run_.observer().step("copying other files");
        for (const auto* folder : {"accounts", "queue", "tmp", "locks"})
            if (directory_exists(run_.source(folder))) make_target_directory(run_, folder);
        copy_rest_of_root(run_);
        copy_rest_of_accounts(run_, accounts_);
        for (std::size_t i = 0; i < accounts_.size(); ++i)
            if (databases_[2 * i + 1].result == DatabaseResult::absent &&
                directory_exists(run_.layout().account(accounts_[i])))
                run_.add_problem("accounts/" + accounts_[i], "account without a database");
    }

    [[nodiscard]] Totals totals() const {
        Totals totals{.accounts = static_cast<std::int64_t>(accounts_.size())};
        for (const auto& database : databases_) {
            if (!database.messages) continue;
            totals.mailboxes += database.facts.mailboxes;
            (database.messages->folder == "queue" ? totals.queued_messages : totals.messages) +=
                database.facts.messages;
        }
        return totals;
    }

private:
    void add(std::string path, const db::Schema& schema, std::optional<MessageStore> messages) {
        databases_.push_back({.path = std::move(path), .schema = &schema, .messages = std::move(messages)});
    }
    static bool is_damaged(const Copied& database) {
        return database.result == DatabaseResult::damaged || database.result == DatabaseResult::locked;
    }
    // Files of a queue that was never used, without a database, are unexpected as well.
    static bool usable(const Copied& database) { return database.result == DatabaseResult::copied; }

    void copy_queue_without_database() {
        if (!directory_exists(run_.source("queue"))) return;
        for (const auto& entry : list_directory(run_.source("queue")))
            if (entry.name != "index.db" && !is_side_file(entry.name))
                copy_listed(run_, "queue/" + entry.name, Report::unexpected);
    }

    // Waiting for locks in vain everywhere is "try again later", not a snapshot.
    void require_progress() const {
        bool any_locked = false, any_other = false;
        for (const auto& database : databases_) {
            any_locked = any_locked || database.result == DatabaseResult::locked;
            any_other =
                any_other || (database.result != DatabaseResult::locked && database.result != DatabaseResult::absent);
        }
        if (any_locked && !any_other)
            throw Error(Errc::locked, "every database is locked by another process",
                        "try again later, or raise --lock-timeout");
    }

    Run& run_;
    std::vector<std::string> accounts_;
    std::vector<Copied> databases_;  // junk filter and index of each account, the queue's, the directory's
};

// The moment without its fraction: a manifest has whole seconds.
Timestamp now(const TakeOptions& options) {
    const SystemClock system;
    Timestamp time = (options.clock != nullptr ? *options.clock : system).now();
    time.nanoseconds = 0;
    return time;
}

fs::path config_of(const TakeOptions& options) {
    return options.config_dir.value_or(fs::path());
}

datadir::Layout open_source(const TakeOptions& options) {
    if (options.config_dir && !directory_exists(*options.config_dir))
        throw Error(Errc::not_found, "no configuration directory " + quote(options.config_dir->native()),
                    "--no-config leaves the configuration out");
    return datadir::open(options.data_dir);
}

}  // namespace

void require_source(const TakeOptions& options) {
    (void)open_source(options);
}

mode_t mode_of(const fs::path& path) {
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0700;
}

Manifest take(const TakeOptions& options, const fs::path& path, Observer& observer) {
    Manifest manifest{.program = "moxtools " + std::string(program_version()),
                      .started = now(options),
                      .link_live = options.messages.allow_link,
                      .config = options.config_dir.has_value(),
                      .previous = options.previous ? options.previous->name : std::string()};
    const datadir::Layout layout = open_source(options);
    require_usable(path, layout.root(), config_of(options));
    const auto erasure_held = datadir::hold_erasure(layout, options.lock_timeout);

    Destination destination(path, mode_of(layout.root()));
    Run run(options, layout, destination.path(), observer);
    make_target_directory(run, "");
    Taking taking(run);
    taking.copy_databases();
    taking.copy_files();
    taking.copy_others();
    copy_config(run, layout.root());
    run.remark_on_previous();
    manifest.totals = taking.totals();
    run.move_into(manifest);
    manifest.finished = now(options);
    observer.step("waiting for the disk");
    destination.complete(manifest);
    return manifest;
}

Plan plan(const TakeOptions& options, const fs::path& path) {
    const datadir::Layout layout = open_source(options);
    require_usable(path, layout.root(), config_of(options));
    Plan plan{.replaces_incomplete = destination_state(path) == DestinationState::incomplete};
    const auto count_database = [&](const fs::path& file) {
        const auto status = status_of(file);
        if (!status || !S_ISREG(status->st_mode)) return false;
        ++plan.databases;
        plan.database_bytes += status->st_size;
        return true;
    };
    const auto count_messages = [&](const fs::path& file, const MessageStore& store, const char* sql) {
        if (!count_database(file)) return;
        auto database = db::open(file, *store.schema, {.lock_timeout = options.lock_timeout}, db::OlderVersion::accept);
        if (const auto sums = database.row<std::int64_t, std::int64_t>(sql)) {
            plan.messages += std::get<0>(*sums);
            plan.message_bytes += std::get<1>(*sums);
        }
    };
    for (const auto& account : datadir::account_names(layout)) {
        ++plan.accounts;
        count_database(layout.junk_filter_db(account));
        count_messages(layout.account_db(account), account_messages(account),
                       "SELECT count(*), coalesce(sum(size - length(prefix)), 0) FROM message");
    }
    count_messages(layout.queue_db(), queue_messages(),
                   "SELECT count(*), coalesce(sum(m.size - length(p.prefix)), 0) FROM pending p"
                   " JOIN message m ON m.id = p.message_id");
    for (const auto& database : reports::directory_databases()) count_database((layout.*database.path)());
    return plan;
}

}  // namespace mox::snapshot
