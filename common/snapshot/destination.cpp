#include "snapshot/destination.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

// What a run that was killed may have left besides data, config and the mark.
bool is_manifest_leftover(const std::string& name) {
    return name.starts_with(std::string(manifest_name) + ".") && name.ends_with(".tmp");
}

bool is_ours(const std::string& name) {
    return name == "data" || name == "config" || name == incomplete_name || name == manifest_name ||
           is_manifest_leftover(name);
}

}  // namespace

fs::path parent_of(const fs::path& path) {
    const fs::path clean = path.has_filename() ? path : path.parent_path();
    return clean.has_parent_path() ? clean.parent_path() : fs::path(".");
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

void require_usable(const fs::path& path, const fs::path& source, const fs::path& config) {
    const std::string name = quote(path.native());
    if (path.empty()) throw Error(Errc::usage, "no destination");
    if (is_below(path, source))
        throw Error(Errc::failed, "destination " + name + " is inside of the data directory",
                    "choose a folder elsewhere, best on another disk");
    if (is_below(path, config))
        throw Error(Errc::failed, "destination " + name + " is inside of the configuration directory",
                    "choose a folder elsewhere, best on another disk");
    switch (destination_state(path)) {
        case DestinationState::missing:
            if (!directory_exists(parent_of(path)))
                throw Error(Errc::not_found, "no directory " + quote(parent_of(path).native()) + " for the destination",
                            "make it, or mount what belongs there");
            return;
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
    remove_contents();
    write_all(mark_.get(), "This snapshot is not complete. The next backup to this folder replaces it.\n", file);
    sync_file(mark_.get(), file);
    sync_directory(path_);
}

// The manifest goes first: what is half removed never looks complete.
void Destination::remove_contents() const {
    fs::remove(path_ / manifest_name);
    std::vector<fs::path> leftovers{path_ / "data", path_ / "config"};
    for_each_entry(path_, [&](const DirectoryEntry& entry) {
        if (is_manifest_leftover(entry.name)) leftovers.push_back(path_ / entry.name);
    });
    for (const auto& leftover : leftovers) {
        std::error_code error;
        fs::remove_all(leftover, error);
        if (error) throw system_error(error.value(), "remove", leftover.native());
    }
}

Destination::~Destination() {
    if (complete_) return;
    try {
        remove_contents();
        ::unlink((path_ / incomplete_name).c_str());
        if (made_) ::rmdir(path_.c_str());
    } catch (const std::exception&) {  // the mark stays and says what this is
    }
}

void Destination::complete(const Manifest& manifest) {
    sync_filesystem(path_);
    AtomicFile file(path_ / manifest_name, {.file_mode = 0640});
    file.write(to_text(manifest));
    file.commit();
    complete_ = true;
    // The mark means nothing beside a manifest.
    ::unlink((path_ / incomplete_name).c_str());
}

}  // namespace mox::snapshot
