#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "store/threads.hpp"

// Texts are compared by their 64-bit hashes: two different ones among a million agree with a probability of one in
// forty million, and then two messages are shown in one thread.

namespace mox::store {

namespace {

constexpr std::int64_t day = 86'400;
constexpr std::uint32_t none = 0xffffffff;

struct Node {
    std::int64_t id = 0;
    std::uint64_t message_id = 0;  // hash; 0: none
    std::uint64_t subject = 0;     // hash; 0: none
    std::int64_t received = 0;
    std::int64_t mailbox = 0;
    std::uint32_t reference_count = 0;
    std::uint32_t parent = none;  // index of a node
    bool is_reply = false;
    bool missing_link = false;
    bool existing = false;  // in the database already
    std::int64_t thread_id = 0;
};

std::uint64_t hash_of(std::string_view text) {
    return text.empty() ? 0 : xxh3_64(text) | 1;
}

// Hash to index of the first node with it: open addressing, 12 bytes a slot.
class FirstIndex {
public:
    explicit FirstIndex(std::size_t count) {
        std::size_t size = 16;
        while (size < count * 2) size *= 2;
        slots_.assign(size, {0, none});
    }
    // Keeps the first index of each hash; returns it.
    std::uint32_t insert(std::uint64_t hash, std::uint32_t index) {
        Slot& slot = find_slot(hash);
        if (slot.index == none) slot = {hash, index};
        return slot.index;
    }
    [[nodiscard]] std::uint32_t find(std::uint64_t hash) { return find_slot(hash).index; }

private:
    struct Slot {
        std::uint64_t hash;
        std::uint32_t index;
    };
    Slot& find_slot(std::uint64_t hash) {
        for (std::size_t i = hash & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1))
            if (slots_[i].index == none || slots_[i].hash == hash) return slots_[i];
    }
    std::vector<Slot> slots_;
};

// The hashes of all references, in a file: conversations can have fifty for every message.
class ReferenceFile {
public:
    explicit ReferenceFile(const std::filesystem::path& path) : path_(path) {
        fd_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!fd_) throw system_error(errno, "create", path.native());
        remove_file(path);  // nobody else needs its name
    }
    void append(std::uint64_t hash) {
        buffer_.push_back(hash);
        if (buffer_.size() == buffered) flush();
    }
    void rewind() {
        flush();
        if (::lseek(fd_.get(), 0, SEEK_SET) != 0) throw system_error(errno, "seek in", path_.native());
        position_ = 0;
    }
    std::uint64_t next() {
        if (position_ == buffer_.size()) {
            buffer_.resize(buffered);
            const auto count = read_full(fd_.get(), std::as_writable_bytes(std::span(buffer_)), path_);
            buffer_.resize(count / sizeof(std::uint64_t));
            position_ = 0;
            if (buffer_.empty()) throw Error(Errc::failed, "the file of references ended early");
        }
        return buffer_[position_++];
    }

private:
    static constexpr std::size_t buffered = 16'384;
    void flush() {
        write_all(fd_.get(), std::as_bytes(std::span(buffer_)), path_);
        buffer_.clear();
    }
    std::filesystem::path path_;
    UniqueFd fd_;
    std::vector<std::uint64_t> buffer_;
    std::size_t position_ = 0;
};

}  // namespace

struct ThreadBatch::State {
    explicit State(const std::filesystem::path& scratch) : references(scratch) {}
    std::vector<Node> nodes;      // the batch, then existing messages
    std::size_t batch_count = 0;  // of nodes
    ReferenceFile references;

    void load_existing(db::Database& database);
    void link_by_ids();
    void link_by_subject();
    void assign_threads();
};

ThreadBatch::ThreadBatch(const std::filesystem::path& scratch) : state_(std::make_unique<State>(scratch)) {}
ThreadBatch::~ThreadBatch() = default;
ThreadBatch::ThreadBatch(ThreadBatch&&) noexcept = default;

std::size_t ThreadBatch::size() const {
    return state_->batch_count;
}

void ThreadBatch::add(MessageId id, const mime::Threading& message, std::size_t mailbox, const Timestamp& received) {
    state_->nodes.push_back({.id = number(id),
                             .message_id = hash_of(message.message_id),
                             .subject = hash_of(message.subject.text),
                             .received = received.seconds,
                             .mailbox = static_cast<std::int64_t>(mailbox),
                             .reference_count = static_cast<std::uint32_t>(message.references.size()),
                             .is_reply = message.subject.is_reply_or_forward});
    for (auto reference = message.references.rbegin(); reference != message.references.rend(); ++reference)
        state_->references.append(hash_of(*reference));
    ++state_->batch_count;
}

void ThreadBatch::State::load_existing(db::Database& database) {
    for (const auto& [id, message_id, subject, received, thread_id, mailbox] :
         database.rows<std::int64_t, std::string_view, std::string_view, std::int64_t, std::int64_t, std::int64_t>(
             "SELECT m.id, m.message_id, m.subject_base, m.received, m.thread_id, p.mailbox_orig_id FROM message m"
             " JOIN placement p ON p.message_id = m.id GROUP BY m.id"))
        nodes.push_back({.id = id,
                         .message_id = hash_of(message_id),
                         .subject = hash_of(subject),
                         .received = received,
                         .mailbox = mailbox,
                         .existing = true,
                         .thread_id = thread_id});
}

// Rules 1 and 2. Existing messages come first into the index: they have the lower ids.
void ThreadBatch::State::link_by_ids() {
    FirstIndex by_id(nodes.size());
    for (const bool existing : {true, false})
        for (std::uint32_t i = 0; i < nodes.size(); ++i) {
            Node& node = nodes[i];
            if (node.existing != existing || node.message_id == 0) continue;
            const auto first = by_id.insert(node.message_id, i);
            if (first == i || existing) continue;
            node.parent = first;
            node.missing_link = true;
        }
    references.rewind();
    for (std::uint32_t i = 0; i < batch_count; ++i) {
        Node& node = nodes[i];
        const bool is_twin = node.parent != none;
        bool missed = false;
        for (std::uint32_t k = 0; k < node.reference_count; ++k) {
            const auto found = by_id.find(references.next());
            if (node.parent != none) continue;
            if (found != none && found != i && nodes[found].subject == node.subject) {
                node.parent = found;
                node.missing_link = missed;
            }
            missed = true;
        }
        if (node.parent == none && !is_twin) node.missing_link = missed;
    }
}

// Rule 3: among messages of one subject and mailbox, the newest of the four weeks before (or, when there is none, the
// first of the day after, if that one is no reply itself).
void ThreadBatch::State::link_by_subject() {
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < nodes.size(); ++i)
        if (nodes[i].subject != 0) order.push_back(i);
    const auto key = [&](std::uint32_t i) {
        return std::tuple(nodes[i].subject, nodes[i].mailbox, nodes[i].received, nodes[i].id);
    };
    std::ranges::sort(order, {}, key);
    const auto same_group = [&](std::uint32_t a, std::uint32_t b) {
        return nodes[a].subject == nodes[b].subject && nodes[a].mailbox == nodes[b].mailbox;
    };
    for (std::size_t at = 0; at < order.size(); ++at) {
        Node& node = nodes[order[at]];
        if (node.existing || !node.is_reply || node.reference_count > 0 || node.parent != none) continue;
        node.missing_link = true;
        if (at > 0 && same_group(order[at - 1], order[at]) && nodes[order[at - 1]].received >= node.received - 28 * day)
            node.parent = order[at - 1];
        else if (at + 1 < order.size() && same_group(order[at + 1], order[at]) && !nodes[order[at + 1]].is_reply &&
                 nodes[order[at + 1]].received <= node.received + day)
            node.parent = order[at + 1];
    }
}

// Follows parents to the root of every message, each link once. A cycle is cut at its lowest id.
void ThreadBatch::State::assign_threads() {
    enum : std::uint8_t { unvisited, on_path, done };
    std::vector<std::uint8_t> visited(nodes.size(), unvisited);
    std::vector<std::uint32_t> path;
    for (std::uint32_t start = 0; start < batch_count; ++start) {
        std::uint32_t at = start;
        while (at != none && visited[at] == unvisited && !nodes[at].existing) {
            visited[at] = on_path;
            path.push_back(at);
            at = nodes[at].parent;
        }
        if (at != none && !nodes[at].existing && visited[at] == on_path) {
            std::uint32_t lowest = at;
            for (auto i = nodes[at].parent; i != at; i = nodes[i].parent)
                if (nodes[i].id < nodes[lowest].id) lowest = i;
            nodes[lowest].parent = none;
            nodes[lowest].missing_link = true;
            for (const auto i : path) visited[i] = unvisited;
            path.clear();
            --start;  // once more, without the cycle
            continue;
        }
        std::int64_t thread_id = at == none ? 0 : nodes[at].thread_id;
        for (; !path.empty(); path.pop_back()) {
            Node& node = nodes[path.back()];
            if (thread_id == 0) thread_id = node.id;
            node.thread_id = thread_id;
            visited[path.back()] = done;
        }
    }
}

void ThreadBatch::link(db::Database& database, const std::vector<std::optional<MailboxId>>& mailboxes) {
    // New mailboxes get numbers that no existing one has.
    for (Node& node : state_->nodes) {
        const auto& known = mailboxes.at(static_cast<std::size_t>(node.mailbox));
        node.mailbox = known ? number(*known) : -1 - node.mailbox;
    }
    state_->load_existing(database);
    state_->link_by_ids();
    state_->link_by_subject();
    state_->assign_threads();
}

MessageId ThreadBatch::id_at(std::size_t index) const {
    return static_cast<MessageId>(state_->nodes[index].id);
}

ThreadLink ThreadBatch::link_at(std::size_t index) const {
    const Node& node = state_->nodes[index];
    return {.thread_id = node.thread_id,
            .parent = node.parent == none ? std::nullopt
                                          : std::optional(static_cast<MessageId>(state_->nodes[node.parent].id)),
            .missing_link = node.missing_link};
}

}  // namespace mox::store
