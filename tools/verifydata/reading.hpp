#pragma once

#include <optional>

#include "check/verify.hpp"
#include "tools/verifydata/verifydata.hpp"

namespace mox::verifydata {

// Which contents of messages are read.
struct Reading {
    check::Contents contents = check::Contents::sizes;
    std::optional<check::Sample> sample = {};  // nullopt: all, or none
};

// What --read-data[=PERCENT] and --seed ask for; without a seed one is drawn. Errc::usage for what cannot be.
[[nodiscard]] Reading reading_of(const Options& options);

}  // namespace mox::verifydata
