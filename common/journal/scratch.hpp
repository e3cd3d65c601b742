#pragma once

#include <filesystem>
#include <string_view>

#include "datadir/layout.hpp"

// Files in tmp/ that are of use to one process only. They are named after the token of its reservation
// (datadir/lock.hpp), so that whoever comes later sees which of them nobody needs.

namespace mox::journal {

[[nodiscard]] std::filesystem::path scratch_file(const datadir::Layout& layout, std::string_view token,
                                                 std::string_view extension);
// Removes those of one reservation.
void remove_scratch_files(const datadir::Layout& layout, std::string_view token);
// Removes those of all owners that are gone.
void remove_dead_scratch_files(const datadir::Layout& layout);

}  // namespace mox::journal
