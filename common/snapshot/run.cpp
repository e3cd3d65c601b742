#include "snapshot/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/file_kind.hpp"
#include "base/interrupt.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

Run::Run(const TakeOptions& options, datadir::Layout layout, fs::path destination, Output& output, Observer& observer)
    : options_(options),
      layout_(std::move(layout)),
      destination_(std::move(destination)),
      output_(output),
      observer_(observer) {}

fs::path Run::source_of(const std::string& path) const {
    const bool is_config = path == "config" || path.starts_with("config/");
    const auto slash = path.find('/');
    const fs::path& root = is_config ? options_.config_dir.value_or(fs::path()) : layout_.root();
    return slash == std::string::npos ? root : root / path.substr(slash + 1);
}

void Run::add_file(FileEntry entry) {
    const std::lock_guard lock(mutex_);
    files_.push_back(std::move(entry));
}

void Run::add_problem(const std::string& path, const std::string& detail) {
    {
        const std::lock_guard lock(mutex_);
        ++problem_count_;
        if (problems_.size() < most_problems) problems_.push_back({.path = path, .detail = detail});
    }
    observer_.problem({.path = path, .detail = detail});
}

void Run::add(const MessageCounts& counts) {
    const std::lock_guard lock(mutex_);
    counts_.files += counts.files;
    counts_.bytes += counts.bytes;
    counts_.linked += counts.linked;
    counts_.reflinked += counts.reflinked;
    counts_.copied += counts.copied;
    counts_.shared += counts.shared;
}

void Run::add_lost(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (lost_count_ == 0 || path < first_lost_) first_lost_ = path;
    ++lost_count_;
}

void Run::remark_on_previous() {
    if (lost_count_ == 0) return;
    observer_.remark(
        fmt::format("previous snapshot {} is damaged: message files missing or of another size: {}, first {}; this "
                    "snapshot has its own",
                    quote(options_.previous->name), lost_count_, quote(first_lost_)));
}

void Run::move_into(Manifest& manifest) {
    const std::lock_guard lock(mutex_);
    std::ranges::sort(files_, {}, &FileEntry::path);
    std::ranges::sort(problems_, {}, [](const Problem& p) { return std::tie(p.path, p.detail); });
    for (const auto& file : files_) manifest.totals.file_bytes += file.size_bytes;
    manifest.totals.files = static_cast<std::int64_t>(files_.size());
    manifest.totals.message_files = counts_.files;
    manifest.totals.message_bytes = counts_.bytes;
    manifest.totals.linked = counts_.linked;
    manifest.totals.reflinked = counts_.reflinked;
    manifest.totals.copied = counts_.copied;
    manifest.totals.shared = counts_.shared;
    manifest.files = std::move(files_);
    manifest.problems = std::move(problems_);
    manifest.problem_count = problem_count_;
}

bool Run::stopping() const {
    check_interrupt();
    return stopping_.load(std::memory_order_relaxed);
}

void make_target_directory(const Run& run, const std::string& path) {
    const fs::path target = path.empty() ? run.destination() / "data" : run.target(path);
    if (directory_exists(target)) return;
    if (!path.empty()) make_target_directory(run, fs::path(path).parent_path().native());
    struct stat status = {};
    const mode_t mode = ::stat(run.source(path).c_str(), &status) == 0 ? status.st_mode & 0777 : 0700;
    make_directory(target, {.directory_mode = static_cast<mode_t>(mode | 0700)});
}

FileEntry describe_file(const fs::path& file, std::string path, Stored stored) {
    const UniqueFd fd = open_for_reading(file);
    Sha256 hash;
    std::vector<std::byte> buffer(256 * 1024);
    FileEntry entry{.path = std::move(path), .stored = stored};
    while (const std::size_t count = read_full(fd.get(), buffer, file)) {
        check_interrupt();
        hash.update(std::span(buffer).first(count));
        entry.size_bytes += static_cast<std::int64_t>(count);
    }
    entry.sha256 = hash.finish();
    return entry;
}

std::optional<std::string> reading_fault(int directory, const char* name) {
    const UniqueFd fd(::openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return errno == ENOENT ? "is gone" : std::string(system_error(errno, "open").what());
    struct stat status = {};
    if (::fstat(fd.get(), &status) == 0 && !S_ISREG(status.st_mode))
        return "is " + std::string(kind_of(status.st_mode));
    std::vector<std::byte> buffer(256 * 1024);
    try {
        while (read_full(fd.get(), buffer, {}) > 0) check_interrupt();
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        return error.what();
    }
    return std::nullopt;
}

}  // namespace mox::snapshot
