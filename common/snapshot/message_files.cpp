#include "snapshot/message_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/file_kind.hpp"
#include "snapshot/other_files.hpp"
#include "snapshot/sharing.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

// Reads the rows of a folder; nullopt when the database turns out to be damaged, which is then a problem.
std::optional<std::vector<MessageRow>> rows_of(Run& run, const FolderTask& task) {
    if (!task.rows_known) return std::nullopt;
    if (task.number < 0) return std::vector<MessageRow>();
    try {
        db::Database database = open_copy(run.target(task.store->database), *task.store->schema);
        const std::int64_t first = task.number * datadir::ids_per_folder;
        return read_rows(database, *task.store, first, first + datadir::ids_per_folder - 1);
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt) throw;
        run.add_problem(task.store->database, fmt::format("messages of folder {}: {}", task.name, error.what()));
        return std::nullopt;
    }
}

// What the source's folder holds: ids, and everything else.
struct Content {
    std::vector<std::int64_t> ids;  // sorted
    std::vector<std::string> others;
};

Content content_of(Run& run, const std::string& path, const std::string& folder) {
    Content content;
    try {
        for_each_entry(run.source(path), [&](const DirectoryEntry& entry) {
            if (const auto id = datadir::message_id_of(folder, entry.name))
                content.ids.push_back(*id);
            else
                content.others.push_back(entry.name);
        });
    } catch (const Error& error) {
        if (error.code() != Errc::not_found) run.add_problem(path, error.what());
    }
    std::ranges::sort(content.ids);
    std::ranges::sort(content.others);
    return content;
}

// Puts the files of one folder into place.
class FolderCopier {
public:
    FolderCopier(Run& run, const FolderTask& task, std::string path, const std::vector<MessageRow>& rows)
        : run_(run),
          path_(std::move(path)),
          previous_(run, *task.store, task.name),
          source_(::open(run_.source(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        std::vector<std::int64_t> ids;
        ids.reserve(rows.size());
        for (const auto& row : rows) ids.push_back(row.id);
        target_ = run_.output().add_messages(run_, "data/" + path_, source_.get(), std::move(ids));
    }
    ~FolderCopier() { run_.add(counts_); }
    FolderCopier(const FolderCopier&) = delete;
    FolderCopier& operator=(const FolderCopier&) = delete;

    void store(const MessageRow& row) {
        const FileName name(row.id);
        struct stat status = {};
        const bool is_there = source_ && ::fstatat(source_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
        const int number = is_there ? 0 : source_ ? errno : ENOENT;
        if (number == ENOENT && row.waits_for_erasure) return;
        const std::string fault = fault_of(row, number, status);
        if (previous_.share(row, name.c_str(), target_->folder(), fault.empty() ? status.st_mode : 0777)) {
            count(row.size_bytes, counts_.shared);
            if (!fault.empty()) problem(name, fault + "; the one of the previous snapshot was stored");
            return;
        }
        const bool can_copy = number == 0 && S_ISREG(status.st_mode);
        if (!fault.empty()) problem(name, fault + (can_copy ? "; copied" : number == ENOENT ? "" : ", not copied"));
        if (can_copy) copy(row, name, status);
    }
    // Told to the observer in steps: it is asked to draw.
    void report() {
        run_.observer().stored(static_cast<std::uint64_t>(counts_.files - reported_.files),
                               static_cast<std::uint64_t>(counts_.bytes - reported_.bytes));
        reported_ = counts_;
    }

private:
    // What is wrong with a live file, as far as that can be told without reading it.
    static std::string fault_of(const MessageRow& row, int number, const struct stat& status) {
        if (number == ENOENT) return "message file is missing";
        if (number != 0) return fmt::format("message file: {}", system_error(number, "stat").what());
        if (!S_ISREG(status.st_mode)) return fmt::format("message file is {}", kind_of(status.st_mode));
        if (status.st_size == row.size_bytes || row.waits_for_erasure) return {};
        return fmt::format("message file has {} bytes instead of {}", status.st_size, row.size_bytes);
    }
    void count(std::int64_t bytes, std::int64_t& of_its_kind) {
        ++counts_.files;
        counts_.bytes += bytes;
        ++of_its_kind;
    }
    void problem(const FileName& name, const std::string& detail) {
        run_.add_problem(path_ + "/" + name.c_str(), detail);
    }
    void copy(const MessageRow& row, const FileName& name, const struct stat& status) {
        try {
            const auto how = target_->store(row.id, status);
            count(status.st_size, how == CopyMethod::link      ? counts_.linked
                                  : how == CopyMethod::reflink ? counts_.reflinked
                                                               : counts_.copied);
        } catch (Error& error) {
            std::optional<std::string> fault;
            if (error.code() != Errc::no_space) fault = reading_fault(source_.get(), name.c_str());
            if (!fault) {
                error.add_context("store message file " + quote((run_.target(path_) / name.c_str()).native()));
                throw;
            }
            if (!row.waits_for_erasure) problem(name, "message file cannot be read: " + *fault);
        }
    }

    Run& run_;
    const std::string path_;
    PreviousFolder previous_;
    UniqueFd source_;
    std::unique_ptr<MessageOutput> target_;
    MessageCounts counts_, reported_;
};

void copy_rows(Run& run, const FolderTask& task, const std::string& path, const std::vector<MessageRow>& rows) {
    FolderCopier copier(run, task, path, rows);
    int count = 0;
    for (const auto& row : rows) {
        if (++count % 64 == 0) {
            copier.report();
            if (run.stopping()) return;
        }
        copier.store(row);
    }
    copier.report();
}

void copy_unexplained(Run& run, const FolderTask& task, const std::string& path, const Content& content,
                      const std::vector<MessageRow>& rows) {
    for (const auto id : content.ids) {
        if (run.stopping()) return;
        if (!std::ranges::binary_search(rows, id, {}, &MessageRow::id) && !task.facts->may_lack_row(id))
            copy_listed(run, fmt::format("{}/{}", path, id), Report::unexpected);
    }
}

// Without rows any file may be a message's.
void copy_all(Run& run, const FolderTask& task, const std::string& path, const Content& content) {
    PreviousFolder previous(run, *task.store, task.name);
    for (const auto id : content.ids) {
        if (run.stopping()) return;
        const std::string file = fmt::format("{}/{}", path, id);
        if (!previous.share_read(id, file)) copy_listed(run, file, Report::nothing);
    }
}

}  // namespace

std::vector<FolderTask> folders_of(Run& run, const MessageStore& store, const StoreFacts& facts,
                                   const std::vector<std::string>& expected) {
    std::map<std::string, std::int64_t> numbers;
    for (const auto number : facts.folders) numbers[datadir::message_folder(number * datadir::ids_per_folder)] = number;
    for (const auto& name : content_of(run, store.folder, {}).others) {
        const std::string path = store.folder + "/" + name;
        if (std::ranges::find(expected, name) != expected.end() || is_side_file(name)) continue;
        const auto status = status_of(run.source(path));
        if (status && S_ISDIR(status->st_mode))
            numbers.try_emplace(name, -1);
        else
            copy_listed(run, path, Report::unexpected);
    }
    std::vector<FolderTask> tasks;
    for (const auto& [name, number] : numbers)
        tasks.push_back({.store = &store, .facts = &facts, .name = name, .number = number});
    return tasks;
}

std::vector<FolderTask> folders_without_rows(Run& run, const MessageStore& store,
                                             const std::vector<std::string>& expected) {
    static const StoreFacts nothing;
    auto tasks = folders_of(run, store, nothing, expected);
    for (auto& task : tasks) task.rows_known = false;
    return tasks;
}

void copy_folder(Run& run, const FolderTask& task) {
    const std::string path = task.store->folder + "/" + task.name;
    const auto rows = rows_of(run, task);
    const Content content = content_of(run, path, task.name);
    if (rows && !rows->empty()) copy_rows(run, task, path, *rows);
    if (rows)
        copy_unexplained(run, task, path, content, *rows);
    else
        copy_all(run, task, path, content);
    for (const auto& name : content.others) copy_listed(run, path + "/" + name, Report::unexpected);
}

}  // namespace mox::snapshot
