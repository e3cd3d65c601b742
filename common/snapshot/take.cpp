#include "snapshot/take.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <functional>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "base/version.hpp"
#include "datadir/lock.hpp"
#include "junk/filter_db.hpp"
#include "reports/databases.hpp"
#include "snapshot/archive_output.hpp"
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
void do_all(Run& run, unsigned jobs, const std::vector<Work>& work) {
    parallel_for(jobs, work.size(), [&](std::size_t i) {
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
        do_all(run_, run_.options().jobs, work);
        require_progress();
    }

    // Into a folder, where the order does not matter.
    void copy_files() {
        std::vector<Work> work = database_work();
        add_message_work(work);
        do_all(run_, run_.options().jobs, work);
        copy_others();
    }

    // Into an archive: member after member, databases in front, as readers need them for everything else.
    void copy_files_in_order() {
        do_all(run_, 1, database_work());
        copy_others();
        std::vector<Work> work;
        add_message_work(work);
        do_all(run_, 1, work);
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
    [[nodiscard]] std::vector<Work> database_work() {
        std::vector<Work> work;
        for (const auto& database : databases_) {
            if (database.result == DatabaseResult::copied)
                work.emplace_back([this, &database] { add_copied_database(run_, database.path); });
            else if (is_damaged(database))
                work.emplace_back([this, &database] { add_raw_database(run_, database.path); });
        }
        return work;
    }

    void add_message_work(std::vector<Work>& work) {
        run_.observer().step("storing message files");
        std::uint64_t expected = 0;
        for (const auto& database : databases_) {
            if (!database.messages) continue;
            if (usable(database)) {
                expected += static_cast<std::uint64_t>(database.facts.messages);
                for (auto& folder : folders_of(run_, *database.messages, database.facts, {"index.db"}))
                    work.emplace_back([this, folder = std::move(folder)] { copy_folder(run_, folder); });
            } else if (is_damaged(database)) {
                // Nobody can say which files belong to it: all do.
                for (auto& folder : folders_without_rows(run_, *database.messages, {"index.db"}))
                    work.emplace_back([this, folder = std::move(folder)] { copy_folder(run_, folder); });
            } else if (database.messages->folder == "queue") {
                work.emplace_back([this] { copy_queue_without_database(); });
            } else {
                work.emplace_back(
                    [this, &database] { copy_listed(run_, database.messages->folder, Report::unexpected); });
            }
        }
        run_.observer().expect(expected);
    }

    void copy_others() {
        run_.observer().step("copying other files");
        for (const auto* folder : {"accounts", "queue", "tmp", "locks"})
            if (directory_exists(run_.source(folder))) run_.output().add_folder(run_, "data/" + std::string(folder));
        copy_rest_of_root(run_);
        copy_rest_of_accounts(run_, accounts_);
        for (std::size_t i = 0; i < accounts_.size(); ++i)
            if (databases_[2 * i + 1].result == DatabaseResult::absent &&
                directory_exists(run_.layout().account(accounts_[i])))
                run_.add_problem("accounts/" + accounts_[i], "account without a database");
        copy_config(run_, run_.layout().root());
    }

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

namespace {

Manifest begin_manifest(const TakeOptions& options, bool link_live) {
    return {.program = "moxtools " + std::string(program_version()),
            .started = now(options),
            .link_live = link_live,
            .config = options.config_dir.has_value(),
            .previous = options.previous ? options.previous->name : std::string()};
}

void end_manifest(Run& run, const Taking& taking, Manifest& manifest) {
    manifest.totals = taking.totals();
    run.move_into(manifest);
    manifest.finished = now(run.options());
}

// `folder` is where databases are put on their way.
Manifest write_archive(const TakeOptions& options, const archive::WriteOptions& write, const datadir::Layout& layout,
                       const fs::path& folder, const archive::Writer::Sink& sink, Observer& observer) {
    Manifest manifest = begin_manifest(options, false);
    ArchiveOutput output(write, sink);
    Run run(options, layout, folder, output, observer);
    make_target_directory(run, "");
    output.add_folder(run, "data");
    Taking taking(run);
    taking.copy_databases();
    taking.copy_files_in_order();
    end_manifest(run, taking, manifest);
    output.finish(manifest);
    return manifest;
}

Manifest write_to_standard_output(const TakeOptions& options, const ArchiveOptions& archive,
                                  const datadir::Layout& layout, Observer& observer) {
    const fs::path name = "standard output";
    const TemporaryDirectory scratch(archive.scratch.empty() ? fs::temp_directory_path() : archive.scratch);
    const auto sink = [&](std::span<const std::byte> bytes) { write_all(STDOUT_FILENO, bytes, name); };
    Manifest manifest = write_archive(options, archive.write, layout, scratch.path(), sink, observer);
    struct stat status = {};
    if (::fstat(STDOUT_FILENO, &status) == 0 && S_ISREG(status.st_mode)) sync_file(STDOUT_FILENO, name);
    return manifest;
}

fs::path partial_of(const fs::path& file) {
    return file.native() + ".partial";
}

}  // namespace

Manifest take(const TakeOptions& options, const fs::path& path, Observer& observer) {
    Manifest manifest = begin_manifest(options, options.messages.allow_link);
    const datadir::Layout layout = open_source(options);
    require_usable(path, layout.root(), config_of(options));
    const auto erasure_held = datadir::hold_erasure(layout, options.lock_timeout);

    Destination destination(path, mode_of(layout.root()));
    FolderOutput output;
    Run run(options, layout, destination.path(), output, observer);
    output.add_folder(run, "data");
    Taking taking(run);
    taking.copy_databases();
    taking.copy_files();
    run.remark_on_previous();
    end_manifest(run, taking, manifest);
    observer.step("waiting for the disk");
    destination.complete(manifest);
    return manifest;
}

Manifest take_archive(const TakeOptions& options, const ArchiveOptions& archive, Observer& observer) {
    const datadir::Layout layout = open_source(options);
    if (archive.file != "-") require_usable_archive(archive.file, layout.root(), config_of(options));
    const auto erasure_held = datadir::hold_erasure(layout, options.lock_timeout);
    if (archive.file == "-") return write_to_standard_output(options, archive, layout, observer);

    require_usable(partial_of(archive.file), layout.root(), config_of(options));
    Destination partial(partial_of(archive.file), 0700);
    partial.claim_folder();
    const fs::path path = partial.path() / partial_archive_name;
    const UniqueFd file = create_file(path, {.file_mode = 0600});
    const auto sink = [&](std::span<const std::byte> bytes) { write_all(file.get(), bytes, path); };
    Manifest manifest = write_archive(options, archive.write, layout, partial.path(), sink, observer);
    observer.step("waiting for the disk");
    partial.move_out(file.get(), archive.file);
    return manifest;
}

namespace {

Plan plan_of(const TakeOptions& options, const datadir::Layout& layout) {
    Plan plan;
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

}  // namespace

Plan plan(const TakeOptions& options, const fs::path& path) {
    const datadir::Layout layout = open_source(options);
    require_usable(path, layout.root(), config_of(options));
    Plan plan = plan_of(options, layout);
    plan.replaces_incomplete = destination_state(path) == DestinationState::incomplete;
    return plan;
}

Plan plan_archive(const TakeOptions& options, const fs::path& file) {
    const datadir::Layout layout = open_source(options);
    if (file == "-") return plan_of(options, layout);
    require_usable_archive(file, layout.root(), config_of(options));
    require_usable(partial_of(file), layout.root(), config_of(options));
    Plan plan = plan_of(options, layout);
    plan.replaces_incomplete = destination_state(partial_of(file)) == DestinationState::incomplete;
    return plan;
}

}  // namespace mox::snapshot
