#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mox::store {

// A message of a batch, by its place in it, or a message of the account (thread_batch.cpp gives them numbers).
class ThreadNode {
public:
    constexpr ThreadNode() = default;
    [[nodiscard]] static constexpr ThreadNode of_batch(std::uint32_t index) { return ThreadNode(index); }
    [[nodiscard]] static constexpr ThreadNode of_account(std::uint32_t number) {
        return ThreadNode(number | account_bit);
    }

    static constexpr std::uint32_t most = 0x7fff'fff0;  // of either

    [[nodiscard]] constexpr bool is_none() const { return value_ == none; }
    [[nodiscard]] constexpr bool is_of_account() const { return !is_none() && (value_ & account_bit) != 0; }
    [[nodiscard]] constexpr bool is_of_batch() const { return (value_ & account_bit) == 0; }
    [[nodiscard]] constexpr std::uint32_t index() const { return value_ & ~account_bit; }
    friend constexpr bool operator==(ThreadNode, ThreadNode) = default;

private:
    explicit constexpr ThreadNode(std::uint32_t value) : value_(value) {}
    static constexpr std::uint32_t account_bit = 0x8000'0000, none = 0xffff'ffff;
    std::uint32_t value_ = none;
};

// Parents and roots of the messages of a batch; 10 bytes each. Messages of the account have threads and do not change.
class ThreadForest {
public:
    // How a parent was found; the lower, the better.
    using Rank = std::uint16_t;
    static constexpr Rank twin = 0;               // rule 1
    static constexpr Rank nearest_reference = 1;  // rule 2; the k-th nearest has k
    static constexpr Rank farthest_reference = 60'000;
    static constexpr Rank by_subject = 65'533;  // rule 3
    static constexpr Rank cut = 65'534;         // had a parent, and was its ancestor
    static constexpr Rank unlinked = 65'535;

    explicit ThreadForest(std::size_t count) : parents_(count), ranks_(count, unlinked) {}

    [[nodiscard]] ThreadNode parent(std::uint32_t node) const { return parents_[node]; }
    [[nodiscard]] Rank rank(std::uint32_t node) const { return ranks_[node]; }
    [[nodiscard]] ThreadNode root(std::uint32_t node) const { return roots_[node]; }

    // Takes the parent unless there is one of a better or equal rank.
    void link(std::uint32_t node, ThreadNode parent, Rank rank) {
        if (rank >= ranks_[node]) return;
        ranks_[node] = rank;
        parents_[node] = parent;
    }
    // Follows parents to the root of every message, each link at most three times. A cycle is cut at its lowest node.
    void find_roots();

private:
    void set_roots(ThreadNode from);

    std::vector<ThreadNode> parents_;
    std::vector<Rank> ranks_;
    std::vector<ThreadNode> roots_;
};

}  // namespace mox::store
