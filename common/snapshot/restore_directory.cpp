#include "snapshot/restore_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "base/copy.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "datadir/lock.hpp"
#include "datadir/restoring.hpp"
#include "db/inspect.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/renew.hpp"
#include "snapshot/run.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

std::string join(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

// What belongs to running programs, and the marks of restores.
bool is_left_out(const std::string& path) {
    return path == "ctl" || path == datadir::restoring_name || path == "lost+found" || path.ends_with(".db-shm");
}
// Folders of which only the folder is restored.
bool is_emptied(const std::string& path) {
    return path == "locks" || path == "tmp";
}

void require_unused(const fs::path& data) {
    const datadir::Layout layout(data);
    std::vector<fs::path> databases{layout.queue_db()};
    for (const auto& account : datadir::account_names(layout)) databases.push_back(layout.account_db(account));
    if (datadir::is_served(layout) || std::ranges::any_of(databases, db::in_use))
        throw Error(Errc::failed, quote(data.native()) + " is in use by another program",
                    "mox-backup copies a data directory that is in use");
}

void require_apart(const fs::path& destination, const Source& source) {
    if (is_below(destination, source.path()))
        throw Error(Errc::failed, "destination " + quote(destination.native()) + " is inside of the snapshot",
                    "choose a folder elsewhere");
}

// Between the two marks of data and configuration a restore may be killed. Then the configuration is whole, perhaps in
// use already, and stays as it is.
std::string config_note(const RestoreOptions& options) {
    return "complete: " + escaped(fs::absolute(*options.config_dir).native());
}
bool is_config_done(const RestoreOptions& options) {
    return options.config_dir && directory_exists(*options.config_dir) &&
           !status_of(*options.config_dir / datadir::restoring_name) && !fs::is_empty(*options.config_dir) &&
           has_note(options.destination, config_note(options));
}

mode_t mode_in(const fs::path& folder, const DirectoryEntry& entry) {
    if (entry.type == DT_REG) return S_IFREG;
    if (entry.type == DT_DIR) return S_IFDIR;
    const auto status = status_of(folder / entry.name);
    return status ? status->st_mode : 0;
}

}  // namespace

bool require_restorable(const Source& source, const RestoreOptions& options) {
    if (options.destination.empty()) throw Error(Errc::usage, "no destination");
    if (source.manifest() == nullptr) require_unused(source.data());
    require_apart(options.destination, source);
    bool replaces = require_restorable(options.destination);
    if (!options.config_dir) return replaces;
    if (source.config().empty())
        throw Error(Errc::not_found, quote(source.path().native()) + " has no configuration",
                    "without --config-dir the data is restored alone");
    require_apart(*options.config_dir, source);
    if (is_below(*options.config_dir, options.destination) || is_below(options.destination, *options.config_dir))
        throw Error(Errc::failed, "data and configuration cannot be inside of one another", "choose two folders");
    if (is_config_done(options)) return replaces;
    return require_restorable(*options.config_dir) || replaces;
}

struct DirectoryRestore::State {
    State(Source& source_, const RestoreOptions& options_, Observer& observer_)
        : source(source_),
          options(options_),
          observer(observer_),
          wants_config(options.config_dir && !is_config_done(options)),
          data(options.destination, options.owner) {
        if (wants_config) config.emplace(*options.config_dir, options.owner);
    }

    Source& source;
    const RestoreOptions options;
    Observer& observer;
    const bool wants_config;
    RestoreTarget data;
    std::optional<RestoreTarget> config;
    std::mutex mutex;  // guards totals
    RestoreTotals totals;
    std::atomic<bool> stopping = false;

    void problem(const std::string& path, const std::string& detail);
    std::uint64_t add_folders(const std::string& path, std::vector<std::string>& folders);
    void copy_folder(const std::string& path);
    bool copy_file(int from, int to, const std::string& path, const char* name);
    void unpack(const PassingFile& file);
    void copy_config(const fs::path& from, const fs::path& to, const std::string& path);
};

// Where a problem cannot be passed over, it ends the restore.
void DirectoryRestore::State::problem(const std::string& path, const std::string& detail) {
    if (!options.go_on)
        throw Error(Errc::failed, "snapshot " + quote(source.path().native()) + ": " + quote(path) + ": " + detail,
                    "--damaged restores what can be restored");
    {
        const std::lock_guard lock(mutex);
        ++totals.problems;
    }
    observer.problem({.path = path, .detail = detail});
}

// Makes the folder and all below it, and adds those that have files to copy. Returns how many files there are.
std::uint64_t DirectoryRestore::State::add_folders(const std::string& path, std::vector<std::string>& folders) {
    check_interrupt();
    if (!path.empty()) make_directory(data.path() / path, data.ownership());
    if (is_emptied(path)) return 0;
    const fs::path from = source.data() / path;
    std::uint64_t files = 0;
    std::vector<std::string> inner;
    std::vector<std::pair<std::string, mode_t>> others;
    try {
        for_each_entry(from, [&](const DirectoryEntry& entry) {
            if (is_left_out(join(path, entry.name))) return;
            const mode_t mode = mode_in(from, entry);
            if (S_ISDIR(mode))
                inner.push_back(join(path, entry.name));
            else if (S_ISREG(mode))
                ++files;
            else if (mode != 0)
                others.emplace_back(join(path, entry.name), mode);
        });
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        problem(path.empty() ? "." : path, error.what());
    }
    for (const auto& [name, mode] : others) problem(name, "is " + std::string(kind_of(mode)) + ", not restored");
    if (files > 0) folders.push_back(path);
    std::ranges::sort(inner);
    for (const auto& name : inner) files += add_folders(name, folders);
    return files;
}

bool DirectoryRestore::State::copy_file(int from, int to, const std::string& path, const char* name) {
    // Tighter than the directory's own only where it was so before: keys.
    struct stat status = {};
    Ownership ownership = data.ownership();
    const bool is_private = !message_place(path) && !path.ends_with(".db");
    if (is_private && ::fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
        ownership.file_mode = (status.st_mode & ownership.file_mode) | 0600;
    try {
        link_or_copy_at(from, name, to, name, {}, ownership);
        return true;
    } catch (const Interrupted&) {
        throw;
    } catch (Error& error) {
        const auto fault = error.code() == Errc::no_space ? std::nullopt : reading_fault(from, name);
        error.add_context("restore " + quote((data.path() / path).native()));
        if (!fault) throw;
        problem(path, "cannot be read: " + *fault);
        return false;
    }
}

void DirectoryRestore::State::copy_folder(const std::string& path) {
    const fs::path from = source.data() / path, to = data.path() / path;
    const UniqueFd source_fd(::open(from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!source_fd) return problem(path, system_error(errno, "open").what());
    const UniqueFd target_fd(::open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!target_fd) throw system_error(errno, "open", to.native());
    std::int64_t files = 0, bytes = 0;
    for_each_entry(from, [&](const DirectoryEntry& entry) {
        check_interrupt();
        const std::string name = join(path, entry.name);
        if (stopping.load(std::memory_order_relaxed) || is_left_out(name) || !S_ISREG(mode_in(from, entry))) return;
        if (!copy_file(source_fd.get(), target_fd.get(), name, entry.name.c_str())) return;
        struct stat status = {};
        if (::fstatat(target_fd.get(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) status.st_size = 0;
        ++files;
        bytes += status.st_size;
        observer.stored(1, static_cast<std::uint64_t>(status.st_size));
    });
    const std::lock_guard lock(mutex);
    totals.files += files;
    totals.file_bytes += bytes;
}

// A message file of an archive.
void DirectoryRestore::State::unpack(const PassingFile& file) {
    check_interrupt();
    const fs::path target = data.path() / file.path;
    make_directories(target.parent_path(), data.ownership());
    const UniqueFd fd = create_file(target, data.ownership());
    std::int64_t bytes = 0;
    file.read([&](std::span<const std::byte> piece) {
        write_all(fd.get(), piece, target);
        bytes += static_cast<std::int64_t>(piece.size());
    });
    ++totals.files;
    totals.file_bytes += bytes;
    observer.stored(1, static_cast<std::uint64_t>(bytes));
}

// With the modes and links that it had.
void DirectoryRestore::State::copy_config(const fs::path& from, const fs::path& to, const std::string& path) {
    const auto mode_of = [](const fs::path& file) {
        struct stat status = {};
        if (::stat(file.c_str(), &status) != 0) throw system_error(errno, "stat", file.native());
        return static_cast<mode_t>(status.st_mode & 0777);
    };
    Ownership ownership = config->ownership();
    for (const auto& entry : list_directory(from)) {
        check_interrupt();
        const fs::path file = from / entry.name, target = to / entry.name;
        const auto status = status_of(file);
        if (!status) continue;
        if (S_ISDIR(status->st_mode)) {
            ownership.directory_mode = mode_of(file) | 0700;
            make_directory(target, ownership);
            copy_config(file, target, join(path, entry.name));
        } else if (S_ISLNK(status->st_mode)) {
            const std::string text = fs::read_symlink(file).native();
            if (::symlink(text.c_str(), target.c_str()) != 0) throw system_error(errno, "create link", target.native());
            if (::geteuid() == 0 && ::lchown(target.c_str(), *ownership.user, *ownership.group) != 0)
                throw system_error(errno, "change owner of", target.native());
            ++totals.config_files;
        } else if (S_ISREG(status->st_mode)) {
            ownership.file_mode = mode_of(file);
            link_or_copy(file, target, {}, ownership);
            ++totals.config_files;
        } else {
            problem("config/" + join(path, entry.name),
                    "is " + std::string(kind_of(status->st_mode)) + ", not restored");
        }
    }
}

DirectoryRestore::DirectoryRestore(Source& source, const RestoreOptions& options, Observer& observer) {
    (void)require_restorable(source, options);
    state_ = std::make_unique<State>(source, options, observer);
}

DirectoryRestore::~DirectoryRestore() = default;

datadir::Layout DirectoryRestore::layout() const {
    return datadir::Layout(state_->data.path());
}

void DirectoryRestore::copy() {
    State& s = *state_;
    s.observer.step("copying files");
    std::vector<std::string> folders;
    s.observer.expect(s.add_folders("", folders));
    parallel_for(s.options.jobs, folders.size(), [&](std::size_t i) {
        try {
            s.copy_folder(folders[i]);
        } catch (...) {  // rethrown by parallel_for
            s.stopping = true;
            throw;
        }
    });
    if (!s.source.has_message_files())
        s.source.read_messages([](std::string_view) { return true; },
                               [&](const PassingFile& file) {
                                   s.unpack(file);
                                   return true;
                               });
    if (s.config) s.copy_config(s.source.config(), s.config->path(), {});
}

void DirectoryRestore::renew_databases() {
    State& s = *state_;
    s.observer.step("preparing databases");
    const SystemClock system;
    const Clock& clock = s.options.clock != nullptr ? *s.options.clock : system;
    const auto guarded = [&](const std::string& path, const std::function<void()>& work) {
        check_interrupt();
        try {
            work();
        } catch (const Error& error) {
            const bool is_damage = error.code() == Errc::corrupt || error.code() == Errc::unknown_format ||
                                   error.code() == Errc::not_found;
            if (!s.options.go_on || !is_damage) throw;
            s.problem(path, std::string("left as it was: ") + error.what());
        }
    };
    const datadir::Layout data = layout();
    for (const auto& account : datadir::account_names(data))
        guarded("accounts/" + account, [&] {
            const auto renewed = renew_account(data, account, s.options.uidvalidity, clock);
            ++s.totals.accounts;
            s.totals.mailboxes += renewed.mailboxes;
            s.totals.messages += renewed.messages;
        });
    guarded("queue", [&] { s.totals.queued_messages = renew_queue(data, s.options.hold_queue); });
    renew_others(data, guarded);
}

void DirectoryRestore::complete() {
    State& s = *state_;
    s.observer.step("waiting for the disk");
    s.data.sync();
    if (s.config) s.config->sync();
    check_interrupt();  // the last chance
    if (s.config) {
        s.data.note(config_note(s.options));
        s.config->complete();
    }
    try {
        s.data.complete();
    } catch (...) {  // rethrown: both, or nothing
        if (s.config) s.config->undo();
        throw;
    }
}

RestoreTotals DirectoryRestore::totals() const {
    return state_->totals;
}

}  // namespace mox::snapshot
