#include "store/thread_ids.hpp"

#include "base/hash.hpp"
#include "base/interrupt.hpp"

namespace mox::store {

namespace {

constexpr std::uint64_t definitions_per_message = 2;
constexpr std::uint64_t most_partitions = 256;
constexpr std::uint64_t any_subject = 2;  // no hash of a subject

// So that a pair of hashes is a key of its own. The steps of a known mixing function (splitmix64).
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
    std::uint64_t x = a + 0x9e37'79b9'7f4a'7c15 * (b + 1);
    x = (x ^ (x >> 30U)) * 0xbf58'476d'1ce4'e5b9;
    x = (x ^ (x >> 27U)) * 0x94d0'49bb'1331'11eb;
    return x ^ (x >> 31U);
}

}  // namespace

std::uint64_t thread_hash(std::string_view text) {
    return text.empty() ? 0 : xxh3_64(text) | 1U;
}

ThreadIds::ThreadIds(ThreadForest& forest, const std::filesystem::path& scratch, std::uint64_t messages,
                     std::size_t in_memory)
    : forest_(forest),
      partitions_(
          static_cast<std::size_t>(std::min(most_partitions, messages * definitions_per_message / in_memory + 1))),
      expected_(static_cast<std::size_t>(messages * definitions_per_message / partitions_)) {
    if (partitions_ > 1)
        waiting_.emplace(scratch, partitions_);
    else
        first_.clear(expected_);
}

void ThreadIds::define(ThreadNode node, std::uint64_t message_id, std::uint64_t subject) {
    if (message_id == 0) return;
    put({.key = mixed(message_id, any_subject), .node = node, .rank = ThreadForest::twin, .kind = Kind::message_id});
    put({.key = mixed(message_id, subject), .node = node, .rank = {}, .kind = Kind::message_id_with_subject});
}

void ThreadIds::refer(std::uint32_t node, std::uint64_t subject, std::uint64_t message_id, std::uint16_t distance) {
    // Whoever has a parent that is nearer needs no look-up.
    if (forest_.rank(node) <= distance) return;
    put({.key = mixed(message_id, subject),
         .node = ThreadNode::of_batch(node),
         .rank = distance,
         .kind = Kind::reference});
}

void ThreadIds::put(const Record& record) {
    if (waiting_)
        waiting_->append(static_cast<std::size_t>((record.key >> 32U) % partitions_), record);
    else
        take(record);
}

void ThreadIds::take(const Record& record) {
    if (record.kind == Kind::reference) {
        const std::uint32_t node = record.node.index();
        if (forest_.rank(node) <= record.rank) return;
        const ThreadNode found = first_.find(record.key);
        if (!found.is_none() && found != record.node) forest_.link(node, found, record.rank);
        return;
    }
    const ThreadNode first = first_.insert(record.key, record.node);
    if (record.kind == Kind::message_id && record.node.is_of_batch() && first != record.node)
        forest_.link(record.node.index(), first, record.rank);
}

void ThreadIds::finish() {
    if (!waiting_) return;
    for (std::size_t i = 0; i < partitions_; ++i) {
        check_interrupt();
        first_.clear(expected_);
        waiting_->for_each(i, [&](const Record& record) { take(record); });
    }
}

void ThreadIds::FirstNodes::clear(std::size_t expected) {
    std::size_t size = 64;
    while (size < expected * 2) size *= 2;
    keys_.assign(size, 0);
    nodes_.assign(size, {});
    used_ = 0;
}

std::size_t ThreadIds::FirstNodes::slot_of(std::uint64_t key) const {
    const std::size_t mask = keys_.size() - 1;
    std::size_t slot = key & mask;
    while (!nodes_[slot].is_none() && keys_[slot] != key) slot = (slot + 1) & mask;
    return slot;
}

ThreadNode ThreadIds::FirstNodes::insert(std::uint64_t key, ThreadNode node) {
    if (used_ * 2 >= keys_.size()) grow();
    const std::size_t slot = slot_of(key);
    if (!nodes_[slot].is_none()) return nodes_[slot];
    keys_[slot] = key;
    nodes_[slot] = node;
    ++used_;
    return node;
}

void ThreadIds::FirstNodes::grow() {
    FirstNodes larger;
    larger.clear(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i)
        if (!nodes_[i].is_none()) (void)larger.insert(keys_[i], nodes_[i]);
    *this = std::move(larger);
}

}  // namespace mox::store
