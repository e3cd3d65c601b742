#include "server/imap/thread_run.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/error.hpp"
#include "mime/header.hpp"
#include "mime/threading.hpp"
#include "server/imap/writer.hpp"
#include "store/message_contents.hpp"
#include "store/thread_ids.hpp"

namespace mox::imap {

namespace {

// Files whose headers are read in one step.
constexpr std::size_t files_at_once = 1024;
// The nearest ones of a message.
constexpr std::size_t max_references = 100;

// Empty when the file cannot be read: the message is told all the same.
std::string header_of(store::Account& account, store::MessageId message, const MessageRow& row) {
    try {
        const store::MessageContents contents(account.message_file(message), std::string(row.prefix),
                                              static_cast<std::int64_t>(row.size));
        return contents.read(0, std::min<std::uint64_t>({row.header_size, row.size, mime::max_header_bytes}));
    } catch (const Error&) {
        return {};
    }
}

}  // namespace

ThreadRun::ThreadRun(Threading threading, const Selected& view, const std::vector<SearchRun::Match>& matches)
    : threading_(threading),
      view_(view),
      matches_(matches),
      rows_(view, matches, MessageRows::Structures::with) {}

bool ThreadRun::step(store::Account& account) {
    const bool more =
        threading_ == Threading::references
            ? rows_.step(
                  account, [&](const MessageRow& row) { add_with_references(account, row); }, files_at_once)
            : rows_.step(account, [this](const MessageRow& row) { add(row); });
    if (more) return true;
    if (threading_ == Threading::references) {
        take_threads();
        return false;
    }
    link_by_subject();
    for (auto& node : nodes_) sort(node.children);
    std::ranges::sort(threads_, {},
                      [&](const auto& roots) { return std::tuple(nodes_[roots.front()].sent, roots.front()); });
    return false;
}

void ThreadRun::add(const MessageRow& row) {
    nodes_.push_back({.sent = row.sent.seconds, .subject = std::string(row.subject_base)});
}

void ThreadRun::add_with_references(store::Account& account, const MessageRow& row) {
    ReferenceThreads::Message message{.subject = std::string(row.subject_base), .sent = row.sent.seconds};
    std::vector<std::uint64_t> references;
    if (row.envelope != nullptr) {
        message.id = store::thread_hash(mime::canonical_message_id(row.envelope->message_id));
        message.is_reply = mime::base_subject(row.envelope->subject).is_reply_or_forward;
        const auto header = header_of(account, view_.message(matches_[nodes_.size()].position), row);
        const auto ids = mime::reference_ids(mime::find_field(header, "References").value_or(""),
                                             mime::find_field(header, "In-Reply-To").value_or(""));
        const auto first = ids.size() - std::min(ids.size(), max_references);
        for (std::size_t i = first; i < ids.size(); ++i) references.push_back(store::thread_hash(ids[i]));
    }
    message.references = references;
    references_.add(std::move(message));
    nodes_.emplace_back();
}

void ThreadRun::take_threads() {
    references_.finish();
    threads_ = references_.threads();
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) nodes_[i].children = references_.children(i);
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
