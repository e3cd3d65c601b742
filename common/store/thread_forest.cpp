#include "store/thread_forest.hpp"

namespace mox::store {

namespace {

constexpr ThreadNode unknown{};
constexpr ThreadNode on_path = ThreadNode::of_account(ThreadNode::most + 1);  // stands for no message

}  // namespace

void ThreadForest::find_roots() {
    roots_.assign(parents_.size(), unknown);
    for (std::uint32_t start = 0; start < parents_.size(); ++start) {
        if (roots_[start] != unknown) continue;
        ThreadNode at = ThreadNode::of_batch(start);
        while (at.is_of_batch() && roots_[at.index()] == unknown) {
            roots_[at.index()] = on_path;
            at = parents_[at.index()];
        }
        ThreadNode rest{};  // what the cut leaves above the start's own path
        if (at.is_of_batch() && roots_[at.index()] == on_path) {
            std::uint32_t lowest = at.index();
            for (ThreadNode i = parents_[at.index()]; i != at; i = parents_[i.index()])
                if (i.index() < lowest) lowest = i.index();
            rest = parents_[lowest];
            parents_[lowest] = {};
            ranks_[lowest] = cut;
        }
        set_roots(ThreadNode::of_batch(start));
        set_roots(rest);
    }
}

void ThreadForest::set_roots(ThreadNode from) {
    ThreadNode root = from;
    for (ThreadNode at = from; at.is_of_batch() && roots_[at.index()] == on_path; at = parents_[at.index()])
        root = parents_[at.index()].is_none() ? at : parents_[at.index()];
    if (root.is_of_batch() && roots_[root.index()] != on_path) root = roots_[root.index()];
    for (ThreadNode at = from; at.is_of_batch() && roots_[at.index()] == on_path; at = parents_[at.index()])
        roots_[at.index()] = root;
}

}  // namespace mox::store
