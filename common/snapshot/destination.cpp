#include "snapshot/destination.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

bool is_ours(const std::string& name) {
    return name == "data" || name == "config" || name == incomplete_name || name == manifest_name ||
           name == partial_archive_name || is_manifest_leftover(name);
}

void require_parent(const fs::path& path) {
    if (!directory_exists(parent_of(path)))
        throw Error(Errc::not_found, "no directory " + quote(parent_of(path).native()) + " for the destination",
                    "make it, or mount what belongs there");
}

void remove_tree(const fs::path& path) {
    std::error_code error;
    fs::remove_all(path, error);
    if (error) throw system_error(error.value(), "remove", path.native());
}

// Links to folders are not followed: what they lead to is no part of the snapshot.
bool is_folder(const fs::path& path) {
    const auto status = status_of(path);
    return status && S_ISDIR(status->st_mode);
}

// A folder of 8192 messages at a time, so that a signal is heard.
void remove_messages(const fs::path& data) {
    const fs::path accounts = data / "accounts";
    if (!is_folder(data) || !is_folder(accounts)) return;
    for (const auto& account : list_directory(accounts)) {
        const fs::path messages = accounts / account.name / "msg";
        if (!is_folder(accounts / account.name) || !is_folder(messages)) continue;
        for (const auto& folder : list_directory(messages)) {
            check_interrupt();
            remove_tree(messages / folder.name);
        }
    }
}

// The manifest goes first: what is half removed never looks complete.
void remove_parts(const fs::path& directory) {
    remove_file(directory / manifest_name);
    std::vector<fs::path> leftovers{directory / "data", directory / "config", directory / partial_archive_name};
    for_each_entry(directory, [&](const DirectoryEntry& entry) {
        if (is_manifest_leftover(entry.name)) leftovers.push_back(directory / entry.name);
    });
    for (const auto& leftover : leftovers) remove_tree(leftover);
}

}  // namespace

fs::path parent_of(const fs::path& path) {
    const fs::path clean = path.has_filename() ? path : path.parent_path();
    return clean.has_parent_path() ? clean.parent_path() : fs::path(".");
}

bool is_manifest_leftover(const std::string& name) {
    return name.starts_with(std::string(manifest_name) + ".") && name.ends_with(".tmp");
}

void require_only_parts(const fs::path& directory) {
    if (!is_folder(directory)) throw Error(Errc::failed, quote(directory.native()) + " is no folder");
    for (const auto& entry : list_directory(directory))
        if (!is_ours(entry.name))
            throw Error(Errc::failed, quote((directory / entry.name).native()) + " is no part of a snapshot",
                        "what is not removed must be moved elsewhere first");
}

void remove_snapshot(const fs::path& directory, OnSignal on_signal) {
    require_only_parts(directory);
    remove_file(directory / manifest_name);
    if (on_signal == OnSignal::stop) remove_messages(directory / "data");
    remove_parts(directory);
    remove_file(directory / incomplete_name);
    if (::rmdir(directory.c_str()) != 0) throw system_error(errno, "remove", directory.native());
}

void write_manifest(const fs::path& directory, const Manifest& manifest) {
    AtomicFile file(directory / manifest_name, {.file_mode = 0640});
    file.write(to_text(manifest));
    file.commit();
}

bool is_below(const fs::path& path, const fs::path& folder) {
    if (folder.empty()) return false;
    const fs::path inner = fs::weakly_canonical(path), outer = fs::weakly_canonical(folder);
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

DestinationState destination_state(const fs::path& path) {
    if (!status_of(path)) return DestinationState::missing;
    if (!directory_exists(path)) return DestinationState::other;
    bool any = false, foreign = false, marked = false;
    for_each_entry(path, [&](const DirectoryEntry& entry) {
        if (entry.name == "lost+found") return;
        any = true;
        marked = marked || entry.name == incomplete_name;
        foreign = foreign || !is_ours(entry.name);
    });
    if (!any) return DestinationState::empty;
    if (status_of(path / manifest_name)) return DestinationState::snapshot;
    return marked && !foreign ? DestinationState::incomplete : DestinationState::other;
}

void require_outside(const fs::path& path, const fs::path& source, const fs::path& config) {
    if (path.empty()) throw Error(Errc::usage, "no destination");
    const auto refuse = [&](std::string_view which) {
        throw Error(Errc::failed, "destination " + quote(path.native()) + " is inside of the " + std::string(which),
                    "choose a folder elsewhere, best on another disk");
    };
    if (is_below(path, source)) refuse("data directory");
    if (is_below(path, config)) refuse("configuration directory");
}

void require_usable(const fs::path& path, const fs::path& source, const fs::path& config) {
    require_outside(path, source, config);
    const std::string name = quote(path.native());
    switch (destination_state(path)) {
        case DestinationState::missing:
            return require_parent(path);
        case DestinationState::empty:
        case DestinationState::incomplete:
            return;
        case DestinationState::snapshot:
            throw Error(Errc::failed, "destination " + name + " holds a snapshot already",
                        "choose a new folder for each snapshot, or remove the old one first");
        case DestinationState::other:
            break;
    }
    throw Error(Errc::failed, "destination " + name + " exists and is not an empty directory",
                "choose a new or empty folder");
}

void require_usable_archive(const fs::path& file, const fs::path& source, const fs::path& config) {
    require_outside(file, source, config);
    const auto status = status_of(file);
    if (!status) return require_parent(file);
    const std::string name = quote(file.native());
    if (S_ISREG(status->st_mode))
        throw Error(Errc::failed, "archive " + name + " exists already",
                    "choose a new name for each archive, or remove the old one first");
    throw Error(Errc::failed, "destination " + name + " exists and is no file",
                "choose a new name; --archive=- writes to standard output");
}

Destination::Destination(fs::path path, mode_t mode) : path_(std::move(path)) {
    made_ = make_directory(path_, {.directory_mode = static_cast<mode_t>((mode & 0777) | 0700)});
    try {
        if (made_) sync_directory(parent_of(path_));
        mark();
    } catch (...) {
        if (marked_) ::unlink((path_ / incomplete_name).c_str());
        if (made_) ::rmdir(path_.c_str());
        throw;
    }
}

// The mark is locked, so that a run finds out whether the one that left it still works.
void Destination::mark() {
    const fs::path file = path_ / incomplete_name;
    mark_ = UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!mark_) throw system_error(errno, "create", file.native());
    if (::flock(mark_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(Errc::locked, "destination " + quote(path_.native()) + ": another backup is writing to it");
    // Between our look and the lock the other run may have completed and removed its mark.
    struct stat ours = {};
    const auto named = status_of(file);
    if (::fstat(mark_.get(), &ours) != 0 || !named || named->st_ino != ours.st_ino ||
        destination_state(path_) != DestinationState::incomplete)
        throw Error(Errc::failed, "destination " + quote(path_.native()) + " was filled by another program meanwhile");
    marked_ = true;
    remove_parts(path_);
    write_all(mark_.get(), "This snapshot is not complete. The next backup to this folder replaces it.\n", file);
    sync_file(mark_.get(), file);
    sync_directory(path_);
}

Destination::~Destination() {
    if (complete_) return;
    try {
        remove_parts(path_);
        ::unlink((path_ / incomplete_name).c_str());
        if (made_) ::rmdir(path_.c_str());
    } catch (const std::exception&) {  // the mark stays and says what this is
    }
}

void Destination::move_out(int archive, const fs::path& file) {
    sync_file(archive, path_ / partial_archive_name);
    if (status_of(file)) throw Error(Errc::failed, "archive " + quote(file.native()) + " was made by another program");
    rename_file(path_ / partial_archive_name, file);
    sync_directory(parent_of(file));
}

void Destination::complete(const Manifest& manifest) {
    sync_filesystem(path_);
    write_manifest(path_, manifest);
    complete_ = true;
    // The mark means nothing beside a manifest.
    ::unlink((path_ / incomplete_name).c_str());
}

}  // namespace mox::snapshot
