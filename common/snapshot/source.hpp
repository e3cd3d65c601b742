#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "db/inspect.hpp"
#include "db/schema.hpp"
#include "snapshot/archive_contents.hpp"
#include "snapshot/manifest.hpp"

// Snapshots to restore from, in whatever form they are kept.

namespace mox::snapshot {

// One message file of a source while it passes. Valid only during the visit.
struct PassingFile {
    std::string_view path;        // below the data directory: "accounts/alice/msg/a/1", "queue/a/1"
    std::int64_t size_bytes = 0;  // as the source says; read() may meet another end when the source is damaged
    // Gives its bytes in pieces, once. Throws what the sink throws, and Error when the source cannot be read.
    std::function<void(const std::function<void(std::span<const std::byte>)>& sink)> read;
};

// A complete snapshot, or a data directory that nobody writes to. Looking at it leaves no trace. One thread at a time,
// except that what data() and config() name may be read by any. Must not outlive the scratch folder that it was opened
// with.
class Source {
public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    // What was opened: of a series, the snapshot that was chosen.
    [[nodiscard]] virtual const std::filesystem::path& path() const = 0;
    // Null for a data directory without one.
    [[nodiscard]] virtual const Manifest* manifest() const = 0;
    // A folder with everything that the snapshot's data directory has; message files only if has_message_files().
    [[nodiscard]] virtual const std::filesystem::path& data() const = 0;
    // The folder of the configuration; empty when the snapshot has none.
    [[nodiscard]] virtual const std::filesystem::path& config() const = 0;
    // True when message files lie in data() like everything else. Otherwise read_messages() alone gives them.
    [[nodiscard]] virtual bool has_message_files() const = 0;

    // What the pass that unpacked an archive saw, so that it can be verified without another one; null for folders.
    [[nodiscard]] virtual const ArchiveContents* archive() const { return nullptr; }
    // Tells where it is not what its manifest says (promise P15); nothing without a manifest.
    virtual void check_manifest(const DeviationSink& sink) const = 0;

    using Wanted = std::function<bool(std::string_view path)>;
    // Returns false when no more files are wanted.
    using Visit = std::function<bool(const PassingFile&)>;
    // Visits every message file (message_place() tells which paths are those) that is wanted, once, in the order that
    // costs least: an archive is read once, from front to back. Files that are not there are not visited. Throws Error
    // naming the source when it cannot be read to its end.
    virtual void read_messages(const Wanted& wanted, const Visit& visit) = 0;
};

// Opens `path`: a snapshot; a folder of dated snapshots (snapshot/series.hpp), of which the newest complete one is
// taken; a data directory; or an archive, which is read once, to its end, and of which everything but message files is
// unpacked below the folder `scratch`. Errc::not_found when there is none, or an incomplete one (with a hint);
// Errc::unknown_format for anything else; Errc::corrupt for an archive that is not as mox-backup left it; otherwise as
// read_manifest().
[[nodiscard]] std::unique_ptr<Source> open_source(const std::filesystem::path& path,
                                                  const std::filesystem::path& scratch);

// Opens a database of a source ("accounts/alice/index.db") without leaving a trace. Errc::not_found when it is missing,
// corrupt, unknown_format, newer_version as db::open().
[[nodiscard]] db::Untouched open_database(const Source& source, const std::string& path, const db::Schema& schema,
                                          const std::filesystem::path& scratch);

// Why the rows of a database cannot be trusted: "has other contents than the manifest says". Empty when it is what the
// manifest says, and for a source without one.
[[nodiscard]] std::string database_trouble(const Source& source, const std::string& path);

// Whose message file a path below a data directory is: "accounts/alice/msg/a/1" or "queue/a/1".
struct MessagePlace {
    std::string_view account;  // empty: the queue
    std::int64_t id = 0;
};
[[nodiscard]] std::optional<MessagePlace> message_place(std::string_view path);

}  // namespace mox::snapshot
