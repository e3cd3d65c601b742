#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace mox::load {

inline constexpr int most_accounts = 64;

// Memory that the main process and the writers share.
struct Shared {
    std::atomic<bool> stop = false;
    std::atomic<std::int64_t> flag_changes = 0, moves = 0, copies = 0, expunged = 0, erased = 0;
    std::array<std::atomic<std::int64_t>, most_accounts> committed{};  // highest modseq, noted after its commit

    void note_commit(int account, std::int64_t modseq) {
        auto& highest = committed.at(static_cast<std::size_t>(account));
        for (std::int64_t seen = highest; seen < modseq && !highest.compare_exchange_weak(seen, modseq);) {
        }
    }
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

}  // namespace mox::load
