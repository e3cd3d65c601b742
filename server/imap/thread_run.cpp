#include "server/imap/thread_run.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

// Messages above one that are not among those to be told.
constexpr int max_missing_ancestors = 1000;

}  // namespace

ThreadRun::ThreadRun(Threading threading, const Selected& view, const std::vector<SearchRun::Match>& matches)
    : threading_(threading),
      view_(view),
      matches_(matches),
      rows_(view, matches) {}

bool ThreadRun::step(store::Account& account) {
    if (rows_.step(account, [this](const MessageRow& row) { add(row); })) return true;
    if (threading_ == Threading::references)
        link_by_references(account);
    else
        link_by_subject();
    for (auto& node : nodes_) sort(node.children);
    for (auto& roots : threads_) sort(roots);
    std::ranges::sort(threads_, {},
                      [&](const auto& roots) { return std::tuple(nodes_[roots.front()].sent, roots.front()); });
    return false;
}

void ThreadRun::add(const MessageRow& row) {
    nodes_.push_back({.message = number(view_.message(matches_[nodes_.size()].position)),
                      .thread = row.thread,
                      .sent = row.sent.seconds,
                      .parent = row.parent.value_or(0)});
    if (threading_ == Threading::ordered_subject) nodes_.back().subject = row.subject_base;
}

void ThreadRun::sort(std::vector<std::uint32_t>& nodes) const {
    std::ranges::sort(nodes, {}, [&](std::uint32_t index) { return std::tuple(nodes_[index].sent, index); });
}

// The first message of a subject has all others of it as children.
void ThreadRun::link_by_subject() {
    std::map<std::string_view, std::vector<std::uint32_t>> subjects;
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) subjects[nodes_[i].subject].push_back(i);
    for (auto& [subject, members] : subjects) {
        sort(members);
        nodes_[members.front()].children.assign(members.begin() + 1, members.end());
        threads_.push_back({members.front()});
    }
}

void ThreadRun::link_by_references(store::Account& account) {
    std::unordered_map<std::int64_t, std::uint32_t> by_message;
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) by_message.try_emplace(nodes_[i].message, i);
    std::unordered_map<std::int64_t, std::int64_t> parents;  // of messages that are not among them; 0: none
    auto rows = account.database().prepare("SELECT thread_parent FROM message WHERE id = ?");
    const auto parent_of = [&](std::int64_t message) {
        const auto [at, is_new] = parents.try_emplace(message, 0);
        if (is_new && rows.bind(message).step()) at->second = rows.column<std::int64_t>(0);
        return at->second;
    };
    std::unordered_map<std::int64_t, std::vector<std::uint32_t>> roots;
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        std::int64_t parent = nodes_[i].parent;
        auto found = by_message.find(parent);
        for (int left = max_missing_ancestors; parent != 0 && found == by_message.end() && left > 0; --left) {
            parent = parent_of(parent);
            found = by_message.find(parent);
        }
        if (parent != 0 && found != by_message.end())
            nodes_[found->second].children.push_back(i);
        else
            roots[nodes_[i].thread].push_back(i);
    }
    for (auto& [thread, members] : roots) threads_.push_back(std::move(members));
}

void ThreadRun::write(std::string& out, bool uids) const {
    for (const auto& roots : threads_) {
        if (roots.size() > 1) out += '(';
        for (const auto root : roots) write_tree(out, root, uids);
        if (roots.size() > 1) out += ')';
    }
}

// Threads may be deep: without recursion.
void ThreadRun::write_tree(std::string& out, std::uint32_t root, bool uids) const {
    constexpr std::uint32_t closing = 0xffffffff;
    Writer to(out, Texts::ascii);
    std::vector<std::uint32_t> left{root};
    while (!left.empty()) {
        std::uint32_t at = left.back();
        left.pop_back();
        if (at == closing) {
            to.raw(')');
            continue;
        }
        to.raw('(');
        for (;;) {
            const auto position = matches_[at].position;
            to.number(uids ? number(view_.uid(position)) : position + 1);
            const auto& children = nodes_[at].children;
            if (children.size() != 1) break;
            to.raw(' ');
            at = children.front();
        }
        left.push_back(closing);
        const auto& children = nodes_[at].children;
        if (!children.empty()) to.raw(' ');
        left.insert(left.end(), children.rbegin(), children.rend());
    }
}

}  // namespace mox::imap
