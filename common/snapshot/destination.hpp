#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "snapshot/manifest.hpp"

// The folder that a snapshot is written to. A file that marks it as incomplete is durable before anything else is
// written; manifest.json is written last and is what makes the snapshot complete, mark or not.

namespace mox::snapshot {

inline constexpr std::string_view incomplete_name = ".incomplete";
// An archive while it is written, with the databases that go into it in data/ beside it.
inline constexpr std::string_view partial_archive_name = "archive";

enum class DestinationState {
    missing,
    empty,       // nothing but a file system's lost+found
    incomplete,  // marked, without manifest: a run was killed
    snapshot,    // has a manifest
    other,
};
[[nodiscard]] DestinationState destination_state(const std::filesystem::path& path);

// The folder that holds `path`, "." for a plain name.
[[nodiscard]] std::filesystem::path parent_of(const std::filesystem::path& path);
// True when `path` is `folder` or lies in it, links followed; false for an empty `folder`.
[[nodiscard]] bool is_below(const std::filesystem::path& path, const std::filesystem::path& folder);

// Throws Errc::failed with a hint unless a snapshot of `source` (and of `config`, if not empty) can go to `path`.
void require_usable(const std::filesystem::path& path, const std::filesystem::path& source,
                    const std::filesystem::path& config);

// The same for an archive that shall be `file`.
void require_usable_archive(const std::filesystem::path& file, const std::filesystem::path& source,
                            const std::filesystem::path& config);

// Throws Errc::failed with a hint when `path` is inside of the data directory or of the configuration.
void require_outside(const std::filesystem::path& path, const std::filesystem::path& source,
                     const std::filesystem::path& config);

// True for what a killed run may leave of manifest.json.
[[nodiscard]] bool is_manifest_leftover(const std::string& name);

// Removes a snapshot, the manifest first, its folder last. When there is anything in it that is no part of a snapshot,
// it throws (Errc::failed with a hint) before it removes anything. A signal makes it stop only if it may.
enum class OnSignal { stop, go_on };
void remove_snapshot(const std::filesystem::path& directory, OnSignal on_signal);
// The same check alone.
void require_only_parts(const std::filesystem::path& directory);

// Replaces the manifest of a snapshot, durably: the old one or the new one is there.
void write_manifest(const std::filesystem::path& directory, const Manifest& manifest);

class Destination {
public:
    // Makes the folder, or cleans up what a killed run left, and marks it. Errc::locked when another run works there.
    Destination(std::filesystem::path path, mode_t mode);
    // Removes everything that was written unless complete() returned.
    ~Destination();
    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // The folder goes, too, when nothing stays in it, whoever made it.
    void claim_folder() { made_ = true; }
    // Everything to disk, then the manifest.
    void complete(const Manifest& manifest);
    // Instead of complete(): the archive, open as `archive`, to disk, then to its place; everything else goes.
    void move_out(int archive, const std::filesystem::path& file);

private:
    void mark();

    std::filesystem::path path_;
    bool made_ = false, marked_ = false, complete_ = false;
    UniqueFd mark_;  // locked while we work
};

}  // namespace mox::snapshot
