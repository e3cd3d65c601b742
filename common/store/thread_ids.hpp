#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "store/record_file.hpp"
#include "store/thread_forest.hpp"

namespace mox::store {

// A text as threads know it: 0 for none. Two different texts among a million agree with a probability of one in forty
// million, and then two messages are shown in one thread.
[[nodiscard]] std::uint64_t thread_hash(std::string_view text);

// Rules 1 and 2: who has which Message-ID, and who refers to it. First everything is defined, messages of the account
// before those of the batch and each in ascending order, then come the references. Of messages with one Message-ID, or
// with one Message-ID and base subject, the first counts.
//
// More definitions than `in_memory` are split by their hashes into parts that fit, which wait in a file at `scratch`.
class ThreadIds {
public:
    ThreadIds(ThreadForest& forest, const std::filesystem::path& scratch, std::uint64_t messages,
              std::size_t in_memory);

    void define(ThreadNode node, std::uint64_t message_id, std::uint64_t subject);
    // The `distance` nearest reference of a message of the batch, from 1 on.
    void refer(std::uint32_t node, std::uint64_t subject, std::uint64_t message_id, std::uint16_t distance);
    // Links what is not linked yet.
    void finish();

private:
    enum class Kind : std::uint16_t { message_id, message_id_with_subject, reference };
    struct Record {
        std::uint64_t key;
        ThreadNode node;
        ThreadForest::Rank rank;
        Kind kind;
    };
    // Keys and the first node of each: open addressing, at most half full.
    class FirstNodes {
    public:
        void clear(std::size_t expected);
        // Keeps the first node of each key; returns it.
        ThreadNode insert(std::uint64_t key, ThreadNode node);
        [[nodiscard]] ThreadNode find(std::uint64_t key) const { return nodes_[slot_of(key)]; }

    private:
        [[nodiscard]] std::size_t slot_of(std::uint64_t key) const;
        void grow();
        std::vector<std::uint64_t> keys_;
        std::vector<ThreadNode> nodes_;
        std::size_t used_ = 0;
    };

    void put(const Record& record);
    void take(const Record& record);

    ThreadForest& forest_;
    std::size_t partitions_, expected_;
    std::optional<PartitionedFile<Record>> waiting_;  // with several partitions
    FirstNodes first_;
};

}  // namespace mox::store
