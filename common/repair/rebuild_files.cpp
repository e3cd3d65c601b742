#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "repair/database.hpp"
#include "repair/file_reader.hpp"
#include "repair/rebuild_steps.hpp"
#include "repair/rows.hpp"
#include "store/bulk.hpp"
#include "store/mailbox.hpp"

namespace mox::repair {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_under_way = 1'000;

struct Known {
    Sha256Digest sha256{};
    std::int64_t size_bytes = 0;  // of prefix and file
    std::string prefix;
};
struct Task {
    std::int64_t id = 0;
    fs::path path;
    std::string name;  // below the folder of messages
    std::optional<Known> known;
};
struct Looked {
    Task task;
    std::optional<ReadFile> read;
    std::string trouble;

    [[nodiscard]] bool is_known() const {
        return read && task.known && read->file.sha256 == task.known->sha256 &&
               read->file.size_bytes + static_cast<std::int64_t>(task.known->prefix.size()) == task.known->size_bytes;
    }
};

Looked look_at(Task&& task) {
    Looked looked{.task = std::move(task), .read = {}, .trouble = {}};
    try {
        looked.read = read_message_file(looked.task.path, {});
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        looked.trouble = error.what();
    }
    const auto status = status_of(looked.task.path);
    if (!looked.read && looked.trouble.empty() && status && S_ISREG(status->st_mode))
        looked.trouble = "cannot be opened";
    return looked;
}

class Files {
public:
    Files(store::Account& account, const RebuildOptions& options, const Sinks& sinks)
        : account_(account),
          options_(options),
          sinks_(sinks),
          folder_(account.layout().messages(account.name())),
          bulk_(account, "rebuild") {}

    FilesResult run() {
        {
            OrderedPipeline<Task, Looked> pipeline(options_.jobs == 0 ? default_jobs() : options_.jobs, most_under_way,
                                                   look_at, [&](Looked&& looked) { take(std::move(looked)); });
            for (const auto number : folder_numbers()) submit_folder(number, pipeline);
            pipeline.finish();
        }
        remove_doomed();
        if (bulk_.message_count() > 0) (void)bulk_.commit({{.mailbox = std::string(recovered_name)}});
        if (!doomed_.empty()) mend_threads_of();
        result_.sums.messages = result_.sums.known + result_.sums.recovered;
        return std::move(result_);
    }

private:
    // Of the disk and of the rows.
    std::set<std::int64_t> folder_numbers() {
        std::set<std::int64_t> numbers;
        for (const auto& [number] :
             account_.database().rows<std::int64_t>("SELECT DISTINCT id / ? FROM message", datadir::ids_per_folder))
            numbers.insert(number);
        if (!directory_exists(folder_)) return numbers;
        for (const auto& entry : list_directory(folder_)) {
            const auto first = datadir::first_id_of(entry.name);
            const auto status = status_of(folder_ / entry.name);
            if (first && *first < largest_plausible_id && status && S_ISDIR(status->st_mode))
                numbers.insert(*first / datadir::ids_per_folder);
            else
                result_.strays.push_back(entry.name);
        }
        return numbers;
    }

    void submit_folder(std::int64_t number, OrderedPipeline<Task, Looked>& pipeline) {
        check_interrupt();
        const std::int64_t first = number * datadir::ids_per_folder;
        const std::string name = datadir::message_folder(first);
        std::map<std::int64_t, std::optional<Known>> ids = rows_of(first);
        std::set<std::int64_t> present;
        if (directory_exists(folder_ / name))
            for_each_entry(folder_ / name, [&](const DirectoryEntry& entry) {
                if (const auto id = datadir::message_id_of(name, entry.name))
                    ids.try_emplace(*id), present.insert(*id);
                else
                    result_.strays.push_back(name + "/" + entry.name);
            });
        for (auto& [id, known] : ids) {
            if (!present.contains(id)) {
                doomed_.push_back(id);
                ++result_.sums.lost;
                continue;
            }
            std::string file = fmt::format("{}/{}", name, id);
            fs::path path = folder_ / file;
            pipeline.submit({.id = id, .path = std::move(path), .name = std::move(file), .known = std::move(known)});
        }
    }

    std::map<std::int64_t, std::optional<Known>> rows_of(std::int64_t first) {
        std::map<std::int64_t, std::optional<Known>> ids;
        for (const auto& [id, sha256, size, prefix] :
             account_.database().rows<std::int64_t, std::string, std::int64_t, std::string>(
                 "SELECT id, file_sha256, size, prefix FROM message WHERE id BETWEEN ? AND ?", first,
                 first + (datadir::ids_per_folder - 1))) {
            Known known{.size_bytes = size, .prefix = prefix};
            if (sha256.size() == sizeof(Sha256Digest))
                std::copy_n(as_bytes(sha256).begin(), sha256.size(), known.sha256.begin());
            ids.emplace(id, std::move(known));
        }
        return ids;
    }

    void take(Looked&& looked) {
        const Task& task = looked.task;
        if (options_.progress)
            options_.progress(1, looked.read ? static_cast<std::uint64_t>(looked.read->file.size_bytes) : 0);
        result_.highest_id = std::max(result_.highest_id, task.id);
        if (looked.is_known()) {
            ++result_.sums.known;
            return;
        }
        if (!looked.read) {
            if (looked.trouble.empty())
                result_.strays.push_back(task.name);
            else
                tell_trouble(looked);
            // What cannot be read now may be what the snapshot knows: its row stays.
            if (task.known && looked.trouble.empty()) doomed_.push_back(task.id);
            return;
        }
        if (task.known) doomed_.push_back(task.id);
        ++result_.sums.recovered;
        bulk_.add({.id = static_cast<store::MessageId>(task.id),
                   .file = std::move(looked.read->file),
                   .received = looked.read->received});
    }
    void tell_trouble(const Looked& looked) {
        ++result_.sums.unread;
        if (sinks_.trouble)
            sinks_.trouble("accounts/" + options_.account + "/msg/" + looked.task.name, looked.trouble,
                           "read it with the means of the system, and run the command again with --force");
    }

    // Rows of messages whose files are gone or are others.
    void remove_doomed() {
        if (doomed_.empty()) return;
        store::Transaction tx(account_);
        db::Database& database = tx.database();
        for (const auto id : doomed_) {
            for (const auto& [mailbox, flags, size] : database.rows<store::MailboxId, std::uint32_t, std::int64_t>(
                     "SELECT p.mailbox_id, p.flags, m.size FROM placement p JOIN message m ON m.id = p.message_id WHERE"
                     " m.id = ?",
                     id))
                tx.add_counts(mailbox, store::Counts{} - store::Counts::of(model::Flags::from_bits(flags), size));
            for (const std::string_view sql :
                 {"DELETE FROM placement WHERE message_id = ?", "DELETE FROM erase_queue WHERE message_id = ?",
                  "DELETE FROM message WHERE id = ?"})
                database.run(sql, id);
        }
        tx.commit();
    }

    // Answers to a message that is another one now.
    void mend_threads_of() {
        const Options options;
        const Sinks silent{.action = [](const Action&) {},
                           .trouble = [](const std::string&, const std::string& what,
                                         const std::string& hint) { throw Error(Errc::failed, what, hint); },
                           .finding = [](const check::Finding&) {}};
        Run run{.layout = account_.layout(), .options = options, .sinks = silent, .root = {}, .ownership = {}};
        const std::vector<check::Finding> none;
        Part part(run, none);
        mend_threads({.part = part, .account = account_, .path = "index.db"});
    }

    store::Account& account_;
    const RebuildOptions& options_;
    const Sinks& sinks_;
    fs::path folder_;
    store::BulkInsert bulk_;
    std::vector<std::int64_t> doomed_;
    FilesResult result_;
};

}  // namespace

FilesResult take_files(store::Account& account, const RebuildOptions& options, const Sinks& sinks) {
    return Files(account, options, sinks).run();
}

}  // namespace mox::repair
