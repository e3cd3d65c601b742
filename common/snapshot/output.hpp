#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/copy.hpp"
#include "snapshot/manifest.hpp"

// Where the files of a snapshot go: a folder, or an archive. Internal to this folder.

namespace mox::snapshot {

class Run;

// The message files of one folder.
class MessageOutput {
public:
    MessageOutput() = default;
    MessageOutput(const MessageOutput&) = delete;
    MessageOutput& operator=(const MessageOutput&) = delete;
    virtual ~MessageOutput() = default;
    // Stores the regular file `id` of the source's folder, which looked like `status`. Throws what reading or writing
    // fails with; reading_fault() tells which it was.
    virtual CopyMethod store(std::int64_t id, const struct stat& status) = 0;
    // The open folder that files can be linked into; -1: they cannot.
    [[nodiscard]] virtual int folder() const { return -1; }
};

// Paths are those of the snapshot: "data/accounts", "config/mox.conf".
class Output {
public:
    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    virtual ~Output() = default;

    // A folder, and its parents, with the modes that they have in the source, never looser.
    virtual void add_folder(Run& run, const std::string& path) = 0;
    // A copy of the regular file `source`, which looked like `status`; its folder was added. Throws as
    // MessageOutput::store().
    [[nodiscard]] virtual FileEntry add_file(Run& run, const std::string& path, const std::filesystem::path& source,
                                             const struct stat& status) = 0;
    virtual void add_link(Run& run, const std::string& path, const std::string& text) = 0;
    // A database or a side file of one, which lies at its place in run.destination() already.
    [[nodiscard]] virtual FileEntry add_database(Run& run, const std::string& path, Stored stored) = 0;
    // `source` is the open folder, and `ids` are those that store() may be asked for, ascending, as it will be.
    [[nodiscard]] virtual std::unique_ptr<MessageOutput> add_messages(Run& run, const std::string& path, int source,
                                                                      std::vector<std::int64_t> ids) = 0;
};

// Into the folder run.destination(). Any thread may add.
class FolderOutput final : public Output {
public:
    void add_folder(Run& run, const std::string& path) override;
    FileEntry add_file(Run& run, const std::string& path, const std::filesystem::path& source,
                       const struct stat& status) override;
    void add_link(Run& run, const std::string& path, const std::string& text) override;
    FileEntry add_database(Run& run, const std::string& path, Stored stored) override;
    std::unique_ptr<MessageOutput> add_messages(Run& run, const std::string& path, int source,
                                                std::vector<std::int64_t> ids) override;
};

}  // namespace mox::snapshot
