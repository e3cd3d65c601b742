#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/hash.hpp"

namespace mox::check {

// A random part of all message files. Whether a file belongs to it depends on the seed, on the folder that its account
// or the queue has for messages ("accounts/alice/msg"), and on its id: not on what else there is, nor on threads. The
// sample of a smaller share is a part of that of a larger one.
struct Sample {
    std::uint64_t seed = 0;
    double share = 1;  // 0 to 1: of the files that are read

    [[nodiscard]] bool has(std::string_view folder, std::int64_t id) const {
        const std::array<std::uint64_t, 3> key{seed, xxh3_64(folder), static_cast<std::uint64_t>(id)};
        constexpr double one = 9007199254740992.0;  // 2^53
        return static_cast<double>(xxh3_64(std::as_bytes(std::span(key))) >> 11U) < share * one;
    }
};

}  // namespace mox::check
