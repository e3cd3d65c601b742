#pragma once

#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "base/file_kind.hpp"
#include "check/pool.hpp"
#include "check/verify.hpp"

namespace mox::check {

// What all scopes of one run share.
struct Run {
    const datadir::Layout& layout;
    const Options& options;
    Pool& pool;
    UniqueFd root;      // the data directory
    uid_t owner = 0;    // of the data directory
    mode_t others = 0;  // permissions that it gives to others
    std::filesystem::path scratch;

    [[nodiscard]] bool wanted(CheckId check) const { return options.only.none() || options.only.test(check.index()); }
    void advance(std::uint64_t messages, std::uint64_t bytes) const {
        if (options.progress) options.progress(messages, bytes);
    }
};

// The findings of one part of the data directory: the directory itself, a database, the queue, an account. Any thread
// may add. Nothing is passed on before the scope is complete, so that a look that came at a bad moment can be repeated.
class Scope {
public:
    explicit Scope(const Run& run) : run_(run) {}

    [[nodiscard]] const Run& run() const { return run_; }
    [[nodiscard]] bool wanted(CheckId check) const { return run_.wanted(check); }

    void add(CheckId check, std::string path, std::string detail, std::string hint = {});
    // A database that is not ours or too new: also an error of `check`.
    void add_unknown_format(std::string path, std::string detail, std::string hint);
    void add_messages(std::uint64_t count, std::uint64_t size_bytes);
    // Of these, files whose contents were compared.
    void add_read(std::uint64_t count, std::uint64_t size_bytes);

    // Runs `work`; what it throws becomes a finding of the check "database" at `path`. Only Interrupted leaves.
    void guard(const std::string& path, const std::function<void()>& work);

    // Forgets everything.
    void clear();
    // Sorted by check, path and detail; nothing twice.
    [[nodiscard]] std::vector<Finding> take_findings();
    void add_to(Summary& summary) const;

private:
    struct OfCheck {
        std::set<std::pair<std::string, std::string>> known;  // path and detail of those in `findings`
        std::vector<Finding> findings;
        std::uint64_t count = 0;
    };

    const Run& run_;
    mutable std::mutex mutex_;  // guards what follows
    std::array<OfCheck, check_count> checks_;
    std::uint64_t unknown_formats_ = 0, messages_ = 0, size_bytes_ = 0, read_messages_ = 0, read_bytes_ = 0;
};

// Owner and permissions of anything in the data directory (promise P14).
void check_owner(Scope& scope, const std::string& path, const struct stat& status);

// An open folder, never through a link; empty when it is missing. Everything else that stands in the way is a finding
// of the check "folder".
[[nodiscard]] UniqueFd open_folder(Scope& scope, int parent, const char* name, const std::string& path);

// Every entry but "." and "..". Errors are findings.
void for_each_entry_of(Scope& scope, int folder, const std::string& path,
                       const std::function<void(const char* name)>& visit);

}  // namespace mox::check
