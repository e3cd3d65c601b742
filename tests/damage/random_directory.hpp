#pragma once

#include <cstdint>
#include <filesystem>

#include "datadir/layout.hpp"

namespace mox::test {

// A directory in which `seed` decided what happened: accounts, mailboxes made, renamed and deleted, messages delivered,
// copied, moved, flagged, expunged and erased, training, a queue. Nobody has it open afterwards.
[[nodiscard]] datadir::Layout make_random_directory(const std::filesystem::path& root, std::uint64_t seed);

}  // namespace mox::test
