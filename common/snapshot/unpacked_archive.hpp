#pragma once

#include <filesystem>
#include <memory>

#include "snapshot/source.hpp"

// An archive as a source of open_source(). Internal to this folder.

namespace mox::snapshot {

// Opening it reads it once; each read_messages() reads it once more, up to the last file that is wanted.
[[nodiscard]] std::unique_ptr<Source> open_archive(const std::filesystem::path& path,
                                                   const std::filesystem::path& scratch);

}  // namespace mox::snapshot
