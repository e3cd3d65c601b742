#include "snapshot/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"
#include "snapshot/run.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

class FolderMessages final : public MessageOutput {
public:
    FolderMessages(Run& run, const fs::path& target, int source)
        : policy_(run.options().messages),
          source_(source),
          target_(::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (!target_) throw system_error(errno, "open", target.native());
    }

    CopyMethod store(std::int64_t id, const struct stat& status) override {
        const FileName name(id);
        const Ownership ownership{.file_mode = static_cast<mode_t>((status.st_mode & 0777) | 0200)};
        const auto how = link_or_copy_at(source_, name.c_str(), target_.get(), name.c_str(), policy_, ownership);
        // What the file system refuses once in a folder, it always refuses there.
        if (how == CopyMethod::copy) policy_.allow_reflink = false;
        return how;
    }
    [[nodiscard]] int folder() const override { return target_.get(); }

private:
    CopyPolicy policy_;
    int source_;
    UniqueFd target_;
};

void keep_times(const struct stat& status, const fs::path& target) {
    const timespec times[2] = {status.st_atim, status.st_mtim};
    (void)::utimensat(AT_FDCWD, target.c_str(), times, AT_SYMLINK_NOFOLLOW);  // for people; nothing depends on it
}

void change_mode(const fs::path& path, mode_t mode) {
    if (::chmod(path.c_str(), mode) != 0) throw system_error(errno, "change mode of", path.native());
}

bool is_config(const std::string& path) {
    return path == "config" || path.starts_with("config/");
}

}  // namespace

void FolderOutput::add_folder(Run& run, const std::string& path) {
    if (!is_config(path)) return make_target_directory(run, path == "data" ? "" : path.substr(5));
    const fs::path target = run.destination() / path;
    make_directory(target, {.directory_mode = 0700});
    struct stat status = {};
    if (::stat(run.source_of(path).c_str(), &status) == 0) change_mode(target, (status.st_mode & 0777) | 0700);
}

// The configuration's modes are exact.
FileEntry FolderOutput::add_file(Run& run, const std::string& path, const fs::path& source, const struct stat& status) {
    const fs::path target = run.destination() / path;
    const auto how =
        link_or_copy(source, target, {}, {.file_mode = static_cast<mode_t>((status.st_mode & 0777) | 0200)});
    keep_times(status, target);
    FileEntry entry = describe_file(target, path, how == CopyMethod::reflink ? Stored::reflink : Stored::copy);
    if (is_config(path)) change_mode(target, status.st_mode & 0777);
    return entry;
}

void FolderOutput::add_link(Run& run, const std::string& path, const std::string& text) {
    const fs::path target = run.destination() / path;
    if (::symlink(text.c_str(), target.c_str()) != 0) throw system_error(errno, "create link", target.native());
}

FileEntry FolderOutput::add_database(Run& run, const std::string& path, Stored stored) {
    return describe_file(run.destination() / path, path, stored);
}

std::unique_ptr<MessageOutput> FolderOutput::add_messages(Run& run, const std::string& path, int source,
                                                          std::vector<std::int64_t> /*ids*/) {
    add_folder(run, path);
    return std::make_unique<FolderMessages>(run, run.destination() / path, source);
}

}  // namespace mox::snapshot
