#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "base/fd.hpp"
#include "snapshot/manifest.hpp"

// The folder that a snapshot is written to. A file that marks it as incomplete is durable before anything else is
// written; manifest.json is written last and is what makes the snapshot complete, mark or not.

namespace mox::snapshot {

inline constexpr std::string_view incomplete_name = ".incomplete";

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

class Destination {
public:
    // Makes the folder, or cleans up what a killed run left, and marks it. Errc::locked when another run works there.
    Destination(std::filesystem::path path, mode_t mode);
    // Removes everything that was written unless complete() returned.
    ~Destination();
    Destination(const Destination&) = delete;
    Destination& operator=(const Destination&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // Everything to disk, then the manifest.
    void complete(const Manifest& manifest);

private:
    void mark();
    void remove_contents() const;

    std::filesystem::path path_;
    bool made_ = false, marked_ = false, complete_ = false;
    UniqueFd mark_;  // locked while we work
};

}  // namespace mox::snapshot
