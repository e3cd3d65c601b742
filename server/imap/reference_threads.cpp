#include "server/imap/reference_threads.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace mox::imap {

namespace {

// What messages of a hostile mailbox may take: others that they refer to, and how far a chain is followed.
constexpr std::size_t max_missing = 1'000'000;
constexpr int max_depth = 1000;

}  // namespace

// none: there are too many already.
std::uint32_t ReferenceThreads::container_of(std::uint64_t id) {
    if (const auto known = by_id_.find(id); known != by_id_.end()) return known->second;
    if (missing_ >= max_missing) return none;
    ++missing_;
    containers_.emplace_back();
    return by_id_[id] = static_cast<std::uint32_t>(containers_.size() - 1);
}

// Steps 1A and 1B.
void ReferenceThreads::add(Message message) {
    const auto place = static_cast<std::uint32_t>(messages_.size());
    messages_.push_back({std::move(message.subject), message.is_reply, message.sent});
    std::uint32_t own = message.id == 0 ? none : container_of(message.id);
    // Of several messages with one Message-ID the first has it.
    if (own == none || containers_[own].message != none) {
        containers_.emplace_back();
        own = static_cast<std::uint32_t>(containers_.size() - 1);
    } else {
        --missing_;
    }
    containers_[own].message = place;
    containers_of_messages_.push_back(own);
    std::uint32_t last = none;
    for (const auto id : message.references) {
        const auto next = container_of(id);
        if (next == none) continue;
        if (last != none && containers_[next].parent == none) link(next, last);
        last = next;
    }
    // What others said of its parent may have been cut short.
    containers_[own].parent = none;
    if (last != none) link(own, last);
}

void ReferenceThreads::link(std::uint32_t child, std::uint32_t parent) {
    if (child == parent || (containers_[child].has_children && is_above(child, parent))) return;
    containers_[child].parent = parent;
    containers_[parent].has_children = true;
}

bool ReferenceThreads::is_above(std::uint32_t container, std::uint32_t other) const {
    int left = max_depth;
    while (other != none && other != container && --left > 0) other = containers_[other].parent;
    return other != none;
}

void ReferenceThreads::finish() {
    children_.resize(messages_.size());
    collect_trees();
    sort();
    join_by_subject();
    sort();
}

// Steps 2 and 3: whoever is not there is left out, unless that is what holds several roots together.
void ReferenceThreads::collect_trees() {
    // Of those that are not there: the nearest message above, or the topmost of them.
    std::vector<std::uint32_t> above(containers_.size(), none);
    std::vector<std::uint32_t> path;
    std::unordered_map<std::uint32_t, std::size_t> thread_of;  // by the topmost
    for (std::uint32_t message = 0; message < messages_.size(); ++message) {
        std::uint32_t at = containers_[containers_of_messages_[message]].parent;
        if (at == none) {
            threads_.push_back({message});
            continue;
        }
        for (path.clear(); containers_[at].message == none && above[at] == none && containers_[at].parent != none;
             at = containers_[at].parent)
            path.push_back(at);
        if (above[at] != none) at = above[at];
        for (const auto one : path) above[one] = at;
        if (containers_[at].message != none) {
            children_[containers_[at].message].push_back(message);
            continue;
        }
        const auto [known, is_new] = thread_of.try_emplace(at, threads_.size());
        if (is_new) threads_.emplace_back();
        threads_[known->second].push_back(message);
    }
}

// Step 5. A thread with several roots is one whose first message is not there.
void ReferenceThreads::join_by_subject() {
    const auto is_dummy = [&](std::size_t thread) { return threads_[thread].size() > 1; };
    const auto first = [&](std::size_t thread) -> const Known& { return messages_[threads_[thread].front()]; };
    const auto is_reply = [&](std::size_t thread) { return !is_dummy(thread) && first(thread).is_reply; };
    std::map<std::string_view, std::size_t> table;
    std::vector<bool> joined(threads_.size());
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        if (first(i).subject.empty()) continue;
        const auto [at, is_new] = table.try_emplace(first(i).subject, i);
        if (!is_new && !is_dummy(at->second) && (is_dummy(i) || (is_reply(at->second) && !is_reply(i)))) at->second = i;
    }
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        if (first(i).subject.empty()) continue;
        const auto known = table.at(first(i).subject);
        if (known == i) continue;
        auto& with =
            is_reply(i) && !is_dummy(known) && !is_reply(known) ? children_[threads_[known].front()] : threads_[known];
        with.insert(with.end(), threads_[i].begin(), threads_[i].end());
        joined[i] = true;
    }
    std::vector<std::vector<std::uint32_t>> left;
    for (std::size_t i = 0; i < threads_.size(); ++i)
        if (!joined[i]) left.push_back(std::move(threads_[i]));
    threads_ = std::move(left);
}

// Steps 4 and 6.
void ReferenceThreads::sort() {
    const auto by_time = [&](std::uint32_t message) { return std::tuple(messages_[message].sent, message); };
    for (auto& siblings : children_) std::ranges::sort(siblings, {}, by_time);
    for (auto& roots : threads_) std::ranges::sort(roots, {}, by_time);
    std::ranges::sort(threads_, {}, [&](const auto& roots) { return by_time(roots.front()); });
}

}  // namespace mox::imap
