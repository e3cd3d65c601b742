#pragma once

#include <filesystem>
#include <memory>

#include "snapshot/archive_contents.hpp"
#include "snapshot/source.hpp"

namespace mox::snapshot {

// An archive that mox-backup wrote, to restore from. Opening it reads it once, to its end, and unpacks everything but
// message files below the scratch folder; each read_messages() reads it once more, up to the last file that is wanted.
class ArchiveSource : public Source {
public:
    // What the first pass saw, so that it can be verified without another one (check/verify.hpp).
    [[nodiscard]] virtual const ArchiveContents& contents() const = 0;
    // Where it was unpacked to: the folder with data/ and config/.
    [[nodiscard]] virtual const std::filesystem::path& folder() const = 0;
};

// Errc::not_found without a file of that name; Errc::unknown_format for what is no archive; Errc::corrupt for one that
// is not as mox-backup left it: cut off, damaged, without manifest. `scratch` as for open_source(). `path` must be a
// file, not a pipe, as it is read more than once.
[[nodiscard]] std::unique_ptr<ArchiveSource> open_archive_source(const std::filesystem::path& path,
                                                                 const std::filesystem::path& scratch);

}  // namespace mox::snapshot
