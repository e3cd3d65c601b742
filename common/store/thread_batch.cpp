#include "store/thread_batch.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "store/record_file.hpp"
#include "store/thread_ids.hpp"
#include "store/thread_subjects.hpp"

namespace mox::store {

namespace {

constexpr std::int64_t most_skipped_ids = 1'000;  // in a row that get nodes all the same
constexpr std::uint32_t interrupt_interval = 0x1000;

struct BatchMessage {
    std::uint64_t message_id, subject;  // hashes
    std::int64_t received;
    std::uint32_t node, mailbox;
    std::uint16_t references;
    bool is_reply;

    // Rule 3 applies unless it has a parent.
    [[nodiscard]] bool may_seek_subject() const { return is_reply && references == 0 && subject != 0; }
};

struct AccountMessage {
    std::int64_t id, thread_id;
};

// Nodes are ids in ascending order, with gaps left out when they are large.
class NodeIds {
public:
    std::uint32_t add(std::int64_t id) {
        if (runs_.empty() || id - last_ > most_skipped_ids) runs_.push_back({id, count_});
        const auto node = static_cast<std::int64_t>(runs_.back().first_node) + id - runs_.back().first_id;
        if (node > ThreadNode::most) throw Error(Errc::failed, "too many messages for one batch");
        last_ = id;
        count_ = static_cast<std::uint32_t>(node) + 1;
        return count_ - 1;
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::int64_t id_of(std::uint32_t node) const {
        const auto after = std::upper_bound(runs_.begin(), runs_.end(), node,
                                            [](std::uint32_t n, const Run& run) { return n < run.first_node; });
        const Run& run = *std::prev(after);
        return run.first_id + (node - run.first_node);
    }

private:
    struct Run {
        std::int64_t first_id;
        std::uint32_t first_node;
    };
    std::vector<Run> runs_;
    std::int64_t last_ = 0;
    std::uint32_t count_ = 0;
};

// Texts that will be looked up, until they are too many. None of them contains NUL.
class Texts {
public:
    void add(std::string_view text, std::size_t limit) {
        if (text.empty() || too_many_) return;
        bytes_.append(text).push_back('\0');
        ++count_;
        if (bytes_.size() <= limit) return;
        too_many_ = true;
        bytes_ = {};
    }
    [[nodiscard]] bool complete() const { return !too_many_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    // Each once.
    [[nodiscard]] std::vector<std::string_view> distinct() const {
        std::vector<std::string_view> texts;
        for (std::string_view rest = bytes_; !rest.empty();) {
            const auto end = rest.find('\0');
            texts.push_back(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
        std::sort(texts.begin(), texts.end());
        texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
        return texts;
    }

private:
    std::string bytes_;
    std::uint64_t count_ = 0;
    bool too_many_ = false;
};

}  // namespace

struct ThreadBatch::State {
    State(std::filesystem::path scratch_path, const ThreadBatchLimits& limits_)
        : scratch(std::move(scratch_path)),
          limits(limits_),
          messages(file("-messages")),
          references(file("-references")) {}

    std::filesystem::path scratch;
    ThreadBatchLimits limits;
    NodeIds ids;
    RecordFile<BatchMessage> messages;
    RecordFile<std::uint64_t> references;  // their hashes, message by message, the nearest first
    Texts id_texts, subject_texts;
    bool has_seekers = false;

    [[nodiscard]] std::filesystem::path file(std::string_view extension) const {
        return scratch.native() + std::string(extension);
    }
};

class ThreadBatch::Resolution {
public:
    Resolution(ThreadBatch::State& batch, const std::vector<std::optional<MailboxId>>& mailboxes)
        : batch_(batch),
          mailboxes_(mailboxes),
          forest_(batch.ids.count()),
          account_(batch.file("-account")),
          subjects_(batch.file("-subjects"), batch.limits.sorted_records) {}

    void link(db::Database& database);
    void visit(const std::function<void(MessageId, const ThreadLink&)>& visitor);

private:
    [[nodiscard]] bool may_search_by_index(db::Database& database) const;
    void read_account(db::Database& database, ThreadIds& ids);
    void search_account(db::Database& database, ThreadIds& ids);
    ThreadNode add_account_message(std::int64_t id, std::int64_t thread_id);
    void define_batch(ThreadIds& ids);
    void refer(ThreadIds& ids);
    void seek_subjects();
    template <class Visit>
    void for_each_message(Visit&& visit);
    [[nodiscard]] std::int64_t mailbox_number(std::uint32_t mailbox) const;
    [[nodiscard]] AccountMessage account_message(ThreadNode node);

    ThreadBatch::State& batch_;
    const std::vector<std::optional<MailboxId>> mailboxes_;
    ThreadForest forest_;
    RecordFile<AccountMessage> account_;
    ThreadSubjects subjects_;
    std::optional<std::pair<ThreadNode, AccountMessage>> last_read_;
};

void ThreadBatch::Resolution::link(db::Database& database) {
    {
        const bool by_index = may_search_by_index(database);
        const auto others = by_index ? batch_.id_texts.count()
                                     : database.value<std::uint64_t>("SELECT count(*) FROM message").value_or(0);
        ThreadIds ids(forest_, batch_.file("-ids"), batch_.messages.size() + others, batch_.limits.definitions);
        by_index ? search_account(database, ids) : read_account(database, ids);
        account_.flush();
        define_batch(ids);
        refer(ids);
        ids.finish();
    }
    if (batch_.has_seekers) seek_subjects();
    forest_.find_roots();
}

// When the account has many more messages than there are texts to look up.
bool ThreadBatch::Resolution::may_search_by_index(db::Database& database) const {
    if (!batch_.id_texts.complete() || !batch_.subject_texts.complete()) return false;
    const auto few = (batch_.id_texts.count() + batch_.subject_texts.count()) * batch_.limits.messages_for_each_look_up;
    return database.value<std::uint64_t>("SELECT count(*) FROM (SELECT 1 FROM message LIMIT ?)", few + 1) > few;
}

ThreadNode ThreadBatch::Resolution::add_account_message(std::int64_t id, std::int64_t thread_id) {
    if (account_.size() >= ThreadNode::most) throw Error(Errc::failed, "too many messages for threads");
    account_.append({id, thread_id});
    return ThreadNode::of_account(static_cast<std::uint32_t>(account_.size() - 1));
}

// A message that was copied before may have been delivered to several mailboxes first.
void ThreadBatch::Resolution::read_account(db::Database& database, ThreadIds& ids) {
    std::int64_t last = 0, last_mailbox = 0;
    ThreadNode node;
    for (const auto& [id, message_id, subject_base, received, thread_id, mailbox] :
         database.rows<std::int64_t, std::string_view, std::string_view, std::int64_t, std::int64_t, std::int64_t>(
             "SELECT m.id, m.message_id, m.subject_base, m.received, m.thread_id, p.mailbox_orig_id FROM message m"
             " CROSS JOIN placement p ON p.message_id = m.id ORDER BY m.id")) {
        const std::uint64_t subject = thread_hash(subject_base);
        const bool is_new = id != last;
        if (is_new) {
            node = add_account_message(id, thread_id);
            if (node.index() % interrupt_interval == 0) check_interrupt();
            ids.define(node, thread_hash(message_id), subject);
        } else if (mailbox == last_mailbox) {
            continue;
        }
        last = id;
        last_mailbox = mailbox;
        if (batch_.has_seekers && subject != 0)
            subjects_.add({.node = node, .subject = subject, .mailbox = mailbox, .received = received});
    }
}

// A message that is found by its id and by its subject gets a node for each, and both mean the same. "<> ''" lets
// SQLite use an index that has no empty values.
void ThreadBatch::Resolution::search_account(db::Database& database, ThreadIds& ids) {
    const db::ReadTransaction unchanged(database);
    for (const auto text : batch_.id_texts.distinct()) {
        check_interrupt();
        for (const auto& [id, subject, thread_id] : database.rows<std::int64_t, std::string_view, std::int64_t>(
                 "SELECT id, subject_base, thread_id FROM message m WHERE message_id = ? AND message_id <> ''"
                 " AND EXISTS (SELECT 1 FROM placement p WHERE p.message_id = m.id) ORDER BY id",
                 text))
            ids.define(add_account_message(id, thread_id), thread_hash(text), thread_hash(subject));
    }
    for (const auto text : batch_.subject_texts.distinct()) {
        check_interrupt();
        for (const auto& [id, received, thread_id, mailbox] :
             database.rows<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
                 "SELECT m.id, m.received, m.thread_id, p.mailbox_orig_id FROM message m CROSS JOIN placement p ON"
                 " p.message_id = m.id WHERE m.subject_base = ? AND m.subject_base <> ''",
                 text))
            subjects_.add({.node = add_account_message(id, thread_id),
                           .subject = thread_hash(text),
                           .mailbox = mailbox,
                           .received = received});
    }
}

template <class Visit>
void ThreadBatch::Resolution::for_each_message(Visit&& visit) {
    RecordFile<BatchMessage>::Reader reader(batch_.messages);
    for (std::uint32_t i = 0; const BatchMessage* message = reader.next(); ++i) {
        if (i % interrupt_interval == 0) check_interrupt();
        visit(*message);
    }
}

void ThreadBatch::Resolution::define_batch(ThreadIds& ids) {
    for_each_message([&](const BatchMessage& message) {
        ids.define(ThreadNode::of_batch(message.node), message.message_id, message.subject);
    });
}

void ThreadBatch::Resolution::refer(ThreadIds& ids) {
    RecordFile<std::uint64_t>::Reader references(batch_.references);
    for_each_message([&](const BatchMessage& message) {
        for (std::uint16_t k = 1; k <= message.references; ++k)
            ids.refer(message.node, message.subject, *references.next(), k);
    });
}

// New mailboxes get numbers that none of the account has.
std::int64_t ThreadBatch::Resolution::mailbox_number(std::uint32_t mailbox) const {
    const auto& known = mailboxes_.at(mailbox);
    return known ? number(*known) : -1 - static_cast<std::int64_t>(mailbox);
}

void ThreadBatch::Resolution::seek_subjects() {
    for_each_message([&](const BatchMessage& message) {
        if (message.subject == 0) return;
        subjects_.add({.node = ThreadNode::of_batch(message.node),
                       .subject = message.subject,
                       .mailbox = mailbox_number(message.mailbox),
                       .received = message.received,
                       .is_reply = message.is_reply,
                       .seeks = message.may_seek_subject() && forest_.rank(message.node) == ThreadForest::unlinked});
    });
    subjects_.finish(forest_);
}

AccountMessage ThreadBatch::Resolution::account_message(ThreadNode node) {
    if (!last_read_ || last_read_->first != node) {
        last_read_.emplace(node, AccountMessage{});
        account_.read(node.index(), {&last_read_->second, 1});
    }
    return last_read_->second;
}

void ThreadBatch::Resolution::visit(const std::function<void(MessageId, const ThreadLink&)>& visitor) {
    for_each_message([&](const BatchMessage& message) {
        const ThreadNode parent = forest_.parent(message.node), root = forest_.root(message.node);
        const auto rank = forest_.rank(message.node);
        ThreadLink link;
        if (!parent.is_none())
            link.parent = static_cast<MessageId>(parent.is_of_account() ? account_message(parent).id
                                                                        : batch_.ids.id_of(parent.index()));
        link.thread_id = root.is_of_account() ? account_message(root).thread_id : batch_.ids.id_of(root.index());
        link.missing_link = rank == ThreadForest::unlinked ? message.references > 0 || message.may_seek_subject()
                                                           : rank != ThreadForest::nearest_reference;
        visitor(static_cast<MessageId>(batch_.ids.id_of(message.node)), link);
    });
}

ThreadBatch::ThreadBatch(std::filesystem::path scratch, const ThreadBatchLimits& limits)
    : state_(std::make_unique<State>(std::move(scratch), limits)) {}
ThreadBatch::~ThreadBatch() = default;
ThreadBatch::ThreadBatch(ThreadBatch&&) noexcept = default;

void ThreadBatch::add(MessageId id, const mime::Threading& message, std::size_t mailbox, const Timestamp& received) {
    State& s = *state_;
    const std::size_t references = std::min<std::size_t>(message.references.size(), ThreadForest::farthest_reference);
    const BatchMessage record{.message_id = thread_hash(message.message_id),
                              .subject = thread_hash(message.subject.text),
                              .received = received.seconds,
                              .node = s.ids.add(number(id)),
                              .mailbox = static_cast<std::uint32_t>(mailbox),
                              .references = static_cast<std::uint16_t>(references),
                              .is_reply = message.subject.is_reply_or_forward};
    s.messages.append(record);
    s.id_texts.add(message.message_id, s.limits.text_bytes);
    for (std::size_t k = 1; k <= references; ++k) {
        const std::string& reference = message.references[message.references.size() - k];
        s.references.append(thread_hash(reference));
        s.id_texts.add(reference, s.limits.text_bytes);
    }
    if (!record.may_seek_subject()) return;
    s.has_seekers = true;
    s.subject_texts.add(message.subject.text, s.limits.text_bytes);
}

void ThreadBatch::resolve(db::Database& database, const std::vector<std::optional<MailboxId>>& mailboxes) {
    state_->messages.flush();
    state_->references.flush();
    resolution_ = std::make_unique<Resolution>(*state_, mailboxes);
    resolution_->link(database);
}

void ThreadBatch::for_each(const std::function<void(MessageId, const ThreadLink&)>& visit) {
    resolution_->visit(visit);
}

}  // namespace mox::store
