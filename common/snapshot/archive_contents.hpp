#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.hpp"
#include "snapshot/check_manifest.hpp"
#include "snapshot/manifest.hpp"

namespace mox::archive {
class Reader;
}

namespace mox::snapshot {

// One message file of an archive. Small, as there are as many as messages.
struct ArchivedMessage {
    std::int64_t id = 0;
    std::int64_t size_bytes = 0;
    Sha256Digest sha256{};
    uid_t user = 0;
    std::uint16_t mode = 0;  // permissions
};

// Any other file or symbolic link.
struct ArchivedFile {
    bool is_link = false;
    std::int64_t size_bytes = 0;  // as in FileEntry
    Sha256Digest sha256{};
};

// What one pass over an archive tells of it.
struct ArchiveContents {
    std::string name;  // of the archive, for people
    // Message files by the folder that they lie below ("accounts/alice/msg", "queue"), by id, each once.
    std::map<std::string, std::vector<ArchivedMessage>, std::less<>> messages;
    std::map<std::string, ArchivedFile, std::less<>> files;  // by path, "data/auth.db"; without the manifest
    std::optional<Manifest> manifest;
    uid_t owner = 0;                        // of the folder data
    std::vector<std::string> other_owners;  // paths of what is neither a message file nor of that owner
    // What is wrong with the archive itself: it cannot be read to its end (an empty path), a name comes twice, would
    // lead out of a folder or is of no kind that a snapshot has, the manifest is missing, unreadable or not the last.
    std::vector<Deviation> deviations;

    [[nodiscard]] std::span<const ArchivedMessage> messages_between(std::string_view folder, std::int64_t first,
                                                                    std::int64_t last) const;
};

enum class Unpack {
    databases,   // and small files; of large ones only name and mode
    everything,  // but message files
};
// Heard now and then: message files and their bytes since the last call.
using ReadProgress = std::function<void(std::uint64_t messages, std::uint64_t bytes)>;

// Reads an archive to its end, and unpacks databases and other files, but never message files, into data/ and config/
// below `folder`, which must be empty. Whatever an archive holds, nothing is written elsewhere. Damage is a deviation,
// not an error; Errc::unknown_format for what is no archive at all, and what reading and writing fail with otherwise.
[[nodiscard]] ArchiveContents read_archive(archive::Reader& reader, std::string name,
                                           const std::filesystem::path& folder, Unpack unpack,
                                           const ReadProgress& progress = {});

// Promise P15 for an archive that was unpacked to `folder`: as check_manifest(). Its own deviations are not repeated.
void check_archive(const ArchiveContents& contents, const std::filesystem::path& folder, const DeviationSink& sink);

}  // namespace mox::snapshot
