#include <fmt/format.h>

#include <algorithm>

#include "base/interrupt.hpp"
#include "repair/rows.hpp"

namespace mox::repair {

namespace {

// All messages of an account with their parents, 40 bytes each.
class Threads {
public:
    explicit Threads(db::Database& database) {
        db::Statement row =
            database.prepare("SELECT id, thread_id, coalesce(thread_parent, 0) FROM message ORDER BY id");
        while (row.step())
            nodes_.push_back({.id = row.column<std::int64_t>(0),
                              .thread_id = row.column<std::int64_t>(1),
                              .parent = row.column<std::int64_t>(2)});
        for (auto& node : nodes_) node.above = node.parent == 0 ? none : index_of(node.parent);
    }

    // Cuts every cycle at its lowest id; gives these.
    std::vector<std::int64_t> cut_cycles() {
        std::vector<std::int64_t> cut;
        std::vector<std::uint32_t> walk(nodes_.size(), 0);  // number of the walk that met it first
        for (std::uint32_t start = 0; start < nodes_.size(); ++start) {
            std::uint32_t at = start;
            while (at != none && walk[at] == 0) {
                walk[at] = start + 1;
                at = nodes_[at].above;
            }
            if (at == none || walk[at] != start + 1) continue;
            std::uint32_t lowest = at;  // nodes are in the order of ids
            for (auto i = nodes_[at].above; i != at; i = nodes_[i].above) lowest = std::min(lowest, i);
            nodes_[lowest].parent = 0;
            nodes_[lowest].above = none;
            cut.push_back(nodes_[lowest].id);
        }
        return cut;
    }

    // Calls visit(id, was, is) for every message whose thread id is not that of its thread.
    template <class Visit>
    void settle(Visit&& visit) {
        find_tops();
        settle_tops();
        for (const auto& node : nodes_)
            if (const auto is = nodes_[node.top].settled; is != node.thread_id) visit(node.id, node.thread_id, is);
    }

private:
    static constexpr std::uint32_t none = 0xffffffff;
    struct Node {
        std::int64_t id = 0, thread_id = 0, parent = 0;
        std::uint32_t above = none;  // index of the parent; none: there is no such message
        std::uint32_t top = none;
        std::int64_t settled = 0;  // of a top: the thread id
    };

    [[nodiscard]] std::uint32_t index_of(std::int64_t id) const {
        const auto it = std::ranges::lower_bound(nodes_, id, {}, &Node::id);
        return it != nodes_.end() && it->id == id ? static_cast<std::uint32_t>(it - nodes_.begin()) : none;
    }
    void find_tops() {
        std::vector<std::uint32_t> path;
        for (std::uint32_t start = 0; start < nodes_.size(); ++start) {
            std::uint32_t at = start;
            for (; nodes_[at].top == none && nodes_[at].above != none; at = nodes_[at].above) path.push_back(at);
            const auto top = nodes_[at].top == none ? at : nodes_[at].top;
            nodes_[top].top = top;
            for (; !path.empty(); path.pop_back()) nodes_[path.back()].top = top;
        }
    }
    // A root has its own id. A message whose parent is gone keeps its thread id, unless that is the id of a message of
    // another thread.
    void settle_tops() {
        std::vector<std::uint32_t> orphans;
        for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
            Node& node = nodes_[i];
            if (node.top != i) continue;
            node.settled = node.parent == 0 || node.thread_id <= 0 ? node.id : node.thread_id;
            if (node.settled != node.id) orphans.push_back(i);
        }
        for (bool changed = true; changed;) {
            changed = false;
            check_interrupt();
            for (const auto i : orphans) {
                Node& node = nodes_[i];
                const auto first = index_of(node.settled);
                if (node.settled == node.id || first == none || nodes_[nodes_[first].top].settled == node.settled)
                    continue;
                node.settled = node.id;
                changed = true;
            }
        }
    }

    std::vector<Node> nodes_;
};

}  // namespace

void mend_threads(const AccountRepair& repair) {
    if (!repair.wanted("thread-id") && !repair.wanted("thread-cycle")) return;
    repair.change([&](store::Transaction& tx) {
        Threads threads(tx.database());
        const auto cut = threads.cut_cycles();
        if (!repair.wanted("thread-cycle") && !cut.empty()) return;  // no thread id is right before that
        for (const auto id : cut) {
            tx.database().run("UPDATE message SET thread_parent = NULL, thread_missing_link = 1 WHERE id = ?", id);
            repair.did("thread-cycle", fmt::format("message {} starts a thread; it was an ancestor of itself", id));
        }
        if (!repair.wanted("thread-id") && cut.empty()) return;
        threads.settle([&](std::int64_t id, std::int64_t was, std::int64_t is) {
            tx.database().run("UPDATE message SET thread_id = ? WHERE id = ?", is, id);
            repair.did("thread-id", fmt::format("message {} had the thread id {}, has {} now", id, was, is));
        });
    });
}

}  // namespace mox::repair
