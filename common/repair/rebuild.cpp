#include "repair/rebuild.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "datadir/lock.hpp"
#include "db/inspect.hpp"
#include "repair/files.hpp"
#include "repair/parts.hpp"
#include "repair/rebuild_steps.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"

namespace mox::repair {

namespace fs = std::filesystem;

namespace {

// Removed with all that is in it at the end, and by the next rebuild after one that was killed.
class Beside {
public:
    Beside(const datadir::Layout& layout, const std::string& account, const Ownership& ownership)
        : layout_(layout.tmp() / ("rebuild-" + account)) {
        make_directory(layout.tmp(), ownership);
        fs::remove_all(layout_.root());
        make_directory(layout_.root(), ownership);
    }
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;
    ~Beside() {
        std::error_code ignored;
        fs::remove_all(layout_.root(), ignored);
    }
    [[nodiscard]] const datadir::Layout& layout() const { return layout_; }

private:
    datadir::Layout layout_;
};

class Rebuild {
public:
    Rebuild(const datadir::Layout& layout, const RebuildOptions& options, const Sinks& sinks)
        : options_(options),
          sinks_(sinks),
          run_{.layout = layout,
               .options = run_options_,
               .sinks = sinks,
               .root = UniqueFd(::open(layout.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
               .ownership = datadir::ownership_of(layout.root())},
          name_(options.account),
          database_(layout.account_db(name_)),
          filter_(layout.junk_filter_db(name_)) {
        if (!run_.root) throw system_error(errno, "open data directory", layout.root().native());
    }

    Rebuilt run() {
        require_account();
        const auto locks = take_locks();
        const Beside beside(run_.layout, name_, run_.ownership);
        if (!options_.force) require_beyond_repair(database_, scratch(), options_.lock_timeout);
        require_unused();
        FilesResult files = make_database(beside.layout());
        put_in_place(beside.layout(), files);
        move_strays(files);
        files.sums.actions = run_.summary.actions;
        return files.sums;
    }

private:
    [[nodiscard]] fs::path scratch() const {
        return options_.scratch.empty() ? fs::temp_directory_path() : options_.scratch;
    }

    void require_account() const {
        if (!datadir::account_name_problem(name_).empty() || !directory_exists(run_.layout.account(name_)))
            throw Error(Errc::not_found, "there is no account " + quote(name_),
                        "accounts are the folders of " + quote(run_.layout.accounts().native()));
        const auto messages = run_.layout.messages(name_);
        if (status_of(messages) && !directory_exists(messages))
            throw Error(Errc::failed, quote(messages.native()) + " is no folder", "put the folder of messages there");
    }

    // So that there is one repair, no server, nobody who erases and nobody who trains.
    std::vector<datadir::Lock> take_locks() const {
        std::vector<datadir::Lock> locks;
        const auto take = [&](const std::string& lock, datadir::LockMode mode) {
            locks.push_back(datadir::Lock::take(run_.layout, lock, mode, options_.lock_timeout));
        };
        take("repair", datadir::LockMode::exclusive);
        auto serving = datadir::Lock::try_take(run_.layout, "serve", datadir::LockMode::exclusive);
        if (!serving)
            throw Error(Errc::locked, "a server is running on " + quote(run_.layout.root().native()), "stop it first");
        locks.push_back(std::move(*serving));
        take("train-" + name_, datadir::LockMode::exclusive);
        if (auto erasure = datadir::hold_erasure(run_.layout, options_.lock_timeout))
            locks.push_back(std::move(*erasure));
        return locks;
    }
    void require_unused() const {
        for (const auto& path : {database_, filter_})
            if (const auto status = status_of(path); status && S_ISREG(status->st_mode) && db::in_use(path))
                throw Error(Errc::locked, quote(path.native()) + " is in use by another process",
                            "wait until it is done, or stop it");
    }

    // Complete and on disk, beside.
    FilesResult make_database(const datadir::Layout& beside) {
        UsedNumbers used{.next_uidvalidity = std::max<std::int64_t>(1, SystemClock().now().seconds / 2)};
        if (const auto numbers = used_numbers(database_, scratch())) used.raise_to(*numbers);
        FilesResult files;
        {
            Beginning beginning = begin_database(beside, options_, run_.layout.messages(name_));
            files = take_files(beginning.account, options_, sinks_);
            used.next_message_id = std::max(used.next_message_id, files.highest_id + 1);
            raise_numbers(beginning.account, used);
            if (beginning.trains || status_of(filter_)) make_filter(beginning.account, files.sums);
        }
        for (const auto& path : {beside.account_db(name_), beside.junk_filter_db(name_)}) {
            if (!status_of(path)) continue;
            const UniqueFd file = open_for_reading(path);
            sync_file(file.get(), path);
        }
        return files;
    }
    void make_filter(store::Account& account, Rebuilt& sums) const {
        const auto parameters = parameters_of(filter_);
        auto filter = store::open_junk_filter(account, parameters, options_.lock_timeout, 32'768);
        (void)store::retrain(
            account, filter,
            {.parameters = parameters, .jobs = options_.jobs == 0 ? default_jobs() : options_.jobs, .progress = {}});
        sums.has_filter = true;
    }

    // The old files go first: a log beside a database that it does not belong to would be taken for its own. Without a
    // database the account is what it was before: one that needs to be rebuilt.
    void put_in_place(const datadir::Layout& beside, const FilesResult& files) {
        require_unused();
        const std::vector<check::Finding> none;
        Part part(run_, none);
        for (const auto& path : {database_, filter_})
            for (const char* suffix : {"", "-wal", "-shm", "-journal"})
                (void)move_away(part, "database", run_.layout.relative(path.native() + suffix));
        part.tell();
        if (files.sums.has_filter) rename_file(beside.junk_filter_db(name_), filter_);
        rename_file(beside.account_db(name_), database_);
        sync_directory(run_.layout.account(name_));
        part.did("database", run_.layout.relative(database_), text_of(files.sums));
        part.tell();
    }
    static std::string text_of(const Rebuilt& sums) {
        std::string text = fmt::format("made anew from {} message files", sums.messages);
        if (sums.known > 0) text += fmt::format(", {} of them as the snapshot knew them", sums.known);
        if (sums.recovered > 0) text += fmt::format(", {} in the mailbox Recovered", sums.recovered);
        if (sums.lost > 0) text += fmt::format("; the files of {} messages of the snapshot are gone", sums.lost);
        return text + (sums.has_filter ? "; the junk filter likewise" : "");
    }

    void move_strays(const FilesResult& files) {
        const std::vector<check::Finding> none;
        Part part(run_, none);
        const std::string folder = run_.layout.relative(run_.layout.messages(name_));
        for (const auto& name : files.strays)
            part.attempt(folder + "/" + name, [&] {
                if (move_away(part, "stray-file", folder + "/" + name)) part.tell();
            });
    }

    const RebuildOptions& options_;
    const Sinks& sinks_;
    const Options run_options_;
    Run run_;
    const std::string name_;
    const fs::path database_, filter_;
};

}  // namespace

Rebuilt rebuild(const datadir::Layout& layout, const RebuildOptions& options, const Sinks& sinks) {
    return Rebuild(layout, options, sinks).run();
}

}  // namespace mox::repair
