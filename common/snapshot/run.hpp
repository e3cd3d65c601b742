#pragma once

#include <sys/stat.h>

#include <array>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/copy.hpp"
#include "datadir/layout.hpp"
#include "snapshot/manifest.hpp"
#include "snapshot/output.hpp"
#include "snapshot/take.hpp"

// What the parts of take() share. Internal to this folder.

namespace mox::snapshot {

// Counts of message files, summed up by each thread on its own and added at the end of a piece of work.
struct MessageCounts {
    std::int64_t files = 0, bytes = 0, linked = 0, reflinked = 0, copied = 0, shared = 0;
};

// One run of take(). Any thread may call its functions.
class Run {
public:
    Run(const TakeOptions& options, datadir::Layout layout, std::filesystem::path destination, Output& output,
        Observer& observer);

    [[nodiscard]] const TakeOptions& options() const { return options_; }
    [[nodiscard]] const datadir::Layout& layout() const { return layout_; }
    [[nodiscard]] Observer& observer() const { return observer_; }
    // Places of "accounts/alice/index.db" and the like: in the source, in the snapshot, and its name in the manifest.
    [[nodiscard]] std::filesystem::path source(const std::string& path) const { return layout_.root() / path; }
    [[nodiscard]] std::filesystem::path target(const std::string& path) const { return destination_ / "data" / path; }
    // A folder with the databases of the snapshot, and everything else when the output is a folder, too.
    [[nodiscard]] const std::filesystem::path& destination() const { return destination_; }
    // Where the source has what is "data/…" or "config/…" in the snapshot.
    [[nodiscard]] std::filesystem::path source_of(const std::string& path) const;
    [[nodiscard]] Output& output() const { return output_; }

    void add_file(FileEntry entry);
    // `path` as in the source.
    void add_problem(const std::string& path, const std::string& detail);
    void add(const MessageCounts& counts);
    // A file of the previous snapshot that should be there, and is not, or is another.
    void add_lost(const std::string& path);
    // Tells what add_lost() was told.
    void remark_on_previous();
    // Moves files and problems into a manifest, in order.
    void move_into(Manifest& manifest);

    // Throws Interrupted on a signal; true when another thread has failed, so that this one's work is in vain.
    [[nodiscard]] bool stopping() const;
    void stop() { stopping_.store(true, std::memory_order_relaxed); }

private:
    const TakeOptions& options_;
    const datadir::Layout layout_;
    const std::filesystem::path destination_;
    Output& output_;
    Observer& observer_;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;  // guards everything below
    std::vector<FileEntry> files_;
    std::vector<Problem> problems_;
    std::int64_t problem_count_ = 0;
    MessageCounts counts_;
    std::int64_t lost_count_ = 0;
    std::string first_lost_;
};

// "8192", the name of a message file, without memory of its own.
class FileName {
public:
    explicit FileName(std::int64_t id) { *std::to_chars(text_.data(), text_.data() + text_.size() - 1, id).ptr = '\0'; }
    [[nodiscard]] const char* c_str() const { return text_.data(); }

private:
    std::array<char, 24> text_;
};

// Makes a folder of run.destination() and its parents with the modes that they have in the source, never looser. `path`
// may be empty for data/ itself.
void make_target_directory(const Run& run, const std::string& path);

// Size and hash of a file of the snapshot.
[[nodiscard]] FileEntry describe_file(const std::filesystem::path& file, std::string path, Stored stored);

// Why the source of a copy that failed cannot be read: text for a problem. nullopt when it can be read: then the
// destination failed.
[[nodiscard]] std::optional<std::string> reading_fault(int directory, const char* name);

}  // namespace mox::snapshot
