#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "check/verify.hpp"
#include "datadir/layout.hpp"

// A directory that is damaged again and again.

namespace mox::test {

// A working copy of a snapshot of a directory that nobody uses. Whatever is changed goes through here, and is put right
// again by restore(). Paths are relative to the snapshot ("data/accounts/alice/index.db").
class Subject {
public:
    // `pristine` is a snapshot; `work` must be missing.
    Subject(std::filesystem::path pristine, std::filesystem::path work);

    [[nodiscard]] datadir::Layout layout() const { return datadir::Layout(work_ / "data"); }
    [[nodiscard]] const std::filesystem::path& work() const { return work_; }
    [[nodiscard]] std::filesystem::path pristine(const std::string& path) const { return pristine_ / path; }
    // Of messages that lie in a mailbox, sorted.
    [[nodiscard]] const std::vector<std::string>& message_files() const { return message_files_; }
    // Of the account with the most messages.
    [[nodiscard]] const std::string& account() const { return account_; }

    // The path on disk, whose contents may be changed now.
    std::filesystem::path change(const std::string& path);
    [[nodiscard]] std::string bytes(const std::string& path) const;
    void write(const std::string& path, std::string_view bytes);
    void restore();

    // Without the manifest, as a data directory; with it, as a snapshot.
    enum class As { data_directory, snapshot };
    struct Findings {
        std::set<std::pair<std::string, std::string>> found;  // path as above, check
        double seconds = 0;                                   // of processor time: whatever else runs on the machine
    };
    [[nodiscard]] Findings verify(check::Contents contents, As as = As::data_directory) const;

private:
    std::filesystem::path pristine_, work_;
    std::vector<std::string> message_files_;
    std::string account_;
    std::set<std::string> changed_;
};

// Everything that a database says, its schema included; nullopt when it cannot be read to its end. What a crash left
// beside it counts. Of the numbers of sqlite_sequence only that they are possible: others only skip ids.
[[nodiscard]] std::optional<std::vector<std::string>> logical_dump(const std::filesystem::path& database);

}  // namespace mox::test
