#include "snapshot/sharing.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

PreviousFolder::PreviousFolder(Run& run, const MessageStore& store, std::string_view folder)
    : run_(run),
      path_(store.folder + "/" + std::string(folder)) {
    const auto first = datadir::first_id_of(folder);
    if (!run_.options().previous || !first) return;
    const fs::path data = run_.options().previous->directory / "data";
    folder_ = UniqueFd(::open((data / path_).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (folder_) read_previous_rows(store, *first);
}

void PreviousFolder::read_previous_rows(const MessageStore& store, std::int64_t first) {
    const fs::path file = run_.options().previous->directory / "data" / store.database;
    try {
        if (!status_of(file)) return;
        auto database = open_copy(file, *store.schema);
        rows_ = read_rows(database, store, first, first + datadir::ids_per_folder - 1);
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        rows_.clear();
        run_.observer().remark("previous snapshot " + quote(run_.options().previous->name) +
                               " is damaged, nothing is shared with it of " + quote(store.database) + ": " +
                               error.what());
    }
}

const MessageRow* PreviousFolder::find(std::int64_t id) {
    if (next_ > 0 && next_ <= rows_.size() && rows_[next_ - 1].id >= id) next_ = 0;
    while (next_ < rows_.size() && rows_[next_].id < id) ++next_;
    return next_ < rows_.size() && rows_[next_].id == id ? &rows_[next_] : nullptr;
}

bool PreviousFolder::is_usable(const MessageRow& row, const char* name, mode_t mode) {
    const auto& bad = run_.options().previous->untrustworthy;
    if (!bad.empty() && bad.contains(path_ + "/" + name)) return false;
    struct stat status = {};
    const bool found = ::fstatat(folder_.get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (found && S_ISREG(status.st_mode) && status.st_size == row.size_bytes)
        return (status.st_mode & 0777 & ~(mode | 0200)) == 0;
    if (!row.waits_for_erasure) run_.add_lost(path_ + "/" + name);
    return false;
}

bool PreviousFolder::share(const MessageRow& row, const char* name, int target, mode_t mode) {
    const MessageRow* before = find(row.id);
    if (target < 0 || before == nullptr || !row.sha256 || before->sha256 != row.sha256 ||
        before->size_bytes != row.size_bytes)
        return false;
    // Too many links, another file system, links that are not allowed: a copy will do. Whatever else is wrong with the
    // target, copying meets it again.
    return is_usable(*before, name, mode) && ::linkat(folder_.get(), name, target, name, 0) == 0;
}

bool PreviousFolder::share_read(std::int64_t id, const std::string& path) {
    const MessageRow* before = find(id);
    const auto status = status_of(run_.source(path));
    if (before == nullptr || !before->sha256 || !status || !S_ISREG(status->st_mode) ||
        status->st_size != before->size_bytes)
        return false;
    FileEntry entry;
    try {
        entry = describe_file(run_.source(path), "data/" + path, Stored::link);
    } catch (const Interrupted&) {
        throw;
    } catch (const Error&) {
        return false;  // whoever copies it tells what is wrong
    }
    const std::string name = std::to_string(id);
    if (entry.size_bytes != before->size_bytes || entry.sha256 != *before->sha256 ||
        !is_usable(*before, name.c_str(), status->st_mode))
        return false;
    make_target_directory(run_, path_);
    if (::linkat(folder_.get(), name.c_str(), AT_FDCWD, run_.target(path).c_str(), 0) != 0) return false;
    run_.add_file(std::move(entry));
    return true;
}

}  // namespace mox::snapshot
