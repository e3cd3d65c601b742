#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>

#include "archive/writer.hpp"
#include "snapshot/output.hpp"

namespace mox::snapshot {

// Into an archive, straight from the source; only databases are at run.destination() before. One thread at a time.
//
// The size of a member goes before its contents: a file that cannot be read to its end is filled up with zeros, and is
// a problem.
class ArchiveOutput final : public Output {
public:
    ArchiveOutput(const archive::WriteOptions& options, archive::Writer::Sink sink);
    ~ArchiveOutput() override;

    void add_folder(Run& run, const std::string& path) override;
    FileEntry add_file(Run& run, const std::string& path, const std::filesystem::path& source,
                       const struct stat& status) override;
    void add_link(Run& run, const std::string& path, const std::string& text) override;
    FileEntry add_database(Run& run, const std::string& path, Stored stored) override;
    std::unique_ptr<MessageOutput> add_messages(Run& run, const std::string& path, int source,
                                                std::vector<std::int64_t> ids) override;
    // The manifest, last, and the end of the archive.
    void finish(const Manifest& manifest);

private:
    class Messages;
    struct Written {
        FileEntry entry;
        std::string fault;  // empty, or why zeros stand in for the rest
    };
    Written write_member(const archive::Member& member, int file, std::span<const std::byte> beginning);
    FileEntry add_contents(Run& run, const archive::Member& member, int file, std::span<const std::byte> beginning);

    archive::Writer writer_;
    std::set<std::string> folders_;  // that are in the archive
};

}  // namespace mox::snapshot
