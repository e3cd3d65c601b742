#include "store/bulk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "db/row_batch.hpp"
#include "journal/scratch.hpp"
#include "mime/message.hpp"
#include "store/bulk_rows.hpp"
#include "store/changes.hpp"
#include "store/id_blocks.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "store/thread_batch.hpp"

namespace mox::store {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t smallest_block = 1'024;
constexpr std::int64_t largest_block = 65'536;

struct MailboxSums {
    std::int64_t messages = 0;
    Counts counts;
    model::Keywords keywords;
};

Mailbox with_free_special_uses(Transaction& tx, const Mailbox& mailbox, SpecialUse wanted) {
    SpecialUse free = SpecialUse::none;
    for (const auto use :
         {SpecialUse::archive, SpecialUse::drafts, SpecialUse::junk, SpecialUse::sent, SpecialUse::trash})
        if (has(wanted, use) && !find_special_use(tx.database(), use)) free = free | use;
    if (free == SpecialUse::none) return mailbox;
    set_special_use(tx, mailbox.id, free);
    return get_mailbox(tx.database(), mailbox.id);
}

}  // namespace

struct BulkInsert::State {
    State(Account& account_, std::string_view purpose_)
        : account(account_),
          purpose(purpose_),
          reservation(datadir::Reservation::take(account_.layout())) {}

    Account& account;
    std::string purpose;
    datadir::Reservation reservation;
    std::optional<ThreadBatch> threads;
    std::optional<BulkRows> rows;
    std::optional<db::Database> deliveries;  // scratch database; closed before it is attached
    std::vector<IdBlock> blocks;             // in use since the start
    std::int64_t next_id = 0;
    std::int64_t last_folder = -1;  // of the ids given out
    std::vector<MailboxSums> mailboxes;
    std::int64_t messages = 0;
    bool has_deliveries = false;
    bool committed = false, in_doubt = false;

    [[nodiscard]] fs::path scratch(std::string_view extension) const {
        return journal::scratch_file(account.layout(), reservation.token(), extension);
    }
    void enter_folder(std::int64_t folder);
    void finish_scratch(const std::vector<Target>& targets);
    std::int64_t count(std::size_t mailbox, model::Flags flags, const model::Keywords& keywords, std::int64_t size);
    void open_deliveries();
    void insert_deliveries(Transaction& tx);
    void inherit_thread_states(Transaction& tx);
    std::vector<Mailbox> make_mailboxes(Transaction& tx, const std::vector<Target>& targets, Result& result);
    void insert_everything(Transaction& tx, const std::vector<Mailbox>& boxes, const std::vector<Target>& targets,
                           Result& result);
    Mailbox as_committed(const Mailbox& box) noexcept;
    void detach_scratch() noexcept;
    void remove_everything() noexcept;
};

namespace {

// Puts rows into the tables of an account, in one transaction. They are there after finish().
class RowInserter {
public:
    RowInserter(Transaction& tx, const std::vector<Mailbox>& boxes, const std::vector<BulkInsert::Target>& targets,
                BulkInsert::Result& result)
        : tx_(tx),
          boxes_(boxes),
          targets_(targets),
          result_(result),
          now_(tx.account().now().seconds),
          messages_(tx.database(),
                    "INSERT INTO message (id, size, prefix, file_sha256, received, received_nanoseconds,"
                    " received_offset, message_id, subject_base, thread_id, thread_parent, thread_missing_link,"
                    " structure) VALUES "),
          placements_(tx.database(),
                      "INSERT INTO placement (mailbox_id, uid, message_id, flags, keywords, modseq, createseq,"
                      " save_date, mailbox_orig_id, mailbox_destined_id, is_reject, is_forward, muted, collapsed,"
                      " trained) VALUES "),
          training_(
              tx.database().prepare("INSERT INTO training_log (message_id, from_state, to_state) VALUES (?, ?, ?)")) {}

    void insert_message(const BulkRow& row, const ThreadLink& link) {
        const auto bytes_of = [](std::string_view text) { return db::OwnBlob{std::string(text)}; };
        const db::Blob sha256(row.file_sha256);
        messages_.add({row.id, row.size_bytes, bytes_of(row.prefix), bytes_of(sha256.bytes), row.received.seconds,
                       row.received.nanoseconds, row.received.offset_minutes, std::string(row.message_id),
                       std::string(row.subject_base), link.thread_id, link.parent, link.missing_link,
                       bytes_of(row.structure)});
        if (has(boxes_[row.mailbox].special_use, SpecialUse::sent))
            sent_.push_back({row.id, row.received, std::string(row.structure)});
        if (messages_.is_full()) finish();
    }
    void insert_placement(const BulkRow& row) {
        const Mailbox& box = boxes_[row.mailbox];
        const model::Flags flags = with_junk_flags(box, targets_[row.mailbox].junk.apply(row.flags));
        const Trained trained = tx_.trains() ? wanted_training(flags) : Trained::no;
        const BulkInsert::Origin& origin = row.origin;
        placements_.add({box.id, number(box.uidnext) + row.ordinal, row.id, flags.bits(), std::string(row.keywords),
                         tx_.modseq(), tx_.modseq(), origin.save_date.value_or(now_), box.id, origin.mailbox_destined,
                         origin.is_reject, origin.is_forward, origin.muted, origin.collapsed, trained});
        if (trained != Trained::no) trained_.emplace_back(row.id, trained);
        if (placements_.is_full()) finish();
    }
    // Messages first: all other rows refer to them.
    void finish() {
        messages_.insert();
        for (const auto& [id, received, structure] : sent_)
            if (const auto parsed = mime::decode(structure)) insert_recipients(tx_, id, *parsed, received);
        sent_.clear();
        placements_.insert();
        for (const auto& [id, trained] : trained_) {
            training_.run(id, Trained::no, trained);
            result_.last_training = tx_.database().last_insert_id();
            if (result_.first_training == 0) result_.first_training = result_.last_training;
        }
        trained_.clear();
    }

private:
    using MessageRow = std::tuple<MessageId, std::int64_t, db::OwnBlob, db::OwnBlob, decltype(Timestamp::seconds),
                                  decltype(Timestamp::nanoseconds), decltype(Timestamp::offset_minutes), std::string,
                                  std::string, decltype(ThreadLink::thread_id), decltype(ThreadLink::parent),
                                  decltype(ThreadLink::missing_link), db::OwnBlob>;
    using PlacementRow =
        std::tuple<MailboxId, std::int64_t, MessageId, std::uint32_t, std::string, ModSeq, ModSeq, std::int64_t,
                   MailboxId, decltype(BulkInsert::Origin::mailbox_destined), bool, bool, bool, bool, Trained>;
    struct Sent {
        MessageId id;
        Timestamp received;
        std::string structure;
    };

    Transaction& tx_;
    const std::vector<Mailbox>& boxes_;
    const std::vector<BulkInsert::Target>& targets_;
    BulkInsert::Result& result_;
    std::int64_t now_;
    db::RowBatch<MessageRow> messages_;
    db::RowBatch<PlacementRow> placements_;
    std::vector<Sent> sent_;
    std::vector<std::pair<MessageId, Trained>> trained_;
    db::Statement training_;
};

}  // namespace

void BulkInsert::State::enter_folder(std::int64_t folder) {
    last_folder = folder;
    const fs::path messages_folder = account.layout().messages(account.name());
    const std::string name = datadir::message_folder(folder * datadir::ids_per_folder);
    // Durable at once: another process may deliver into the same folder, and syncs only that.
    if (make_directory(messages_folder, account.ownership())) sync_directory(messages_folder.parent_path());
    if (make_directory(messages_folder / name, account.ownership())) sync_directory(messages_folder);
}

BulkInsert::BulkInsert(Account& account, std::string_view purpose) : state_(std::make_unique<State>(account, purpose)) {
    try {
        make_directory(account.layout().tmp(), account.ownership());
        state_->threads.emplace(state_->scratch("-threads"));
        state_->rows.emplace(state_->scratch("-rows"));
    } catch (...) {
        state_->remove_everything();
        throw;
    }
}

BulkInsert::~BulkInsert() {
    if (!state_->committed) state_->remove_everything();
}

MessageId BulkInsert::take_id() {
    State& s = *state_;
    if (s.blocks.empty() || s.next_id > s.blocks.back().last) {
        std::int64_t count = smallest_block;
        for (std::size_t i = 0; i < s.blocks.size() && count < largest_block; ++i) count *= 2;
        s.blocks.push_back(reserve_ids(s.account, count, s.purpose, s.reservation));
        s.next_id = s.blocks.back().first;
        s.last_folder = -1;
    }
    if (s.next_id / datadir::ids_per_folder != s.last_folder) s.enter_folder(s.next_id / datadir::ids_per_folder);
    return static_cast<MessageId>(s.next_id++);
}

// Adds a placement to the sums of its mailbox; returns its ordinal.
std::int64_t BulkInsert::State::count(std::size_t mailbox, model::Flags flags, const model::Keywords& keywords,
                                      std::int64_t size) {
    if (mailbox >= mailboxes.size()) mailboxes.resize(mailbox + 1);
    MailboxSums& sums = mailboxes[mailbox];
    sums.counts += Counts::of(flags, size);
    if (!keywords.empty()) sums.keywords = model::merged(sums.keywords, keywords);
    return sums.messages++;
}

void BulkInsert::add(const Item& item) {
    State& s = *state_;
    const std::int64_t size = item.file.size_bytes + static_cast<std::int64_t>(item.prefix.size());
    const mime::Threading& threading = item.file.parsed.threading;
    const std::string keywords = model::joined(item.keywords);
    const std::string encoded = item.structure.empty() ? mime::encode(item.file.parsed) : std::string();
    s.rows->append({.id = item.id,
                    .mailbox = static_cast<std::uint32_t>(item.mailbox),
                    .ordinal = s.count(item.mailbox, item.flags, item.keywords, size),
                    .flags = item.flags,
                    .origin = item.origin,
                    .keywords = keywords,
                    .has_message = true,
                    .size_bytes = size,
                    .received = item.received,
                    .file_sha256 = item.file.sha256,
                    .prefix = item.prefix,
                    .message_id = threading.message_id,
                    .subject_base = threading.subject.text,
                    .structure = item.structure.empty() ? encoded : item.structure},
                   item.order);
    s.threads->add(item.id, threading, item.mailbox, item.received);
    ++s.messages;
    if (!item.delivery) return;
    s.open_deliveries();
    insert_delivery(*s.deliveries, item.id, *item.delivery);
}

void BulkInsert::add_copy(const Copy& copy) {
    const std::string keywords = model::joined(copy.keywords);
    state_->rows->append({.id = copy.id,
                          .mailbox = static_cast<std::uint32_t>(copy.mailbox),
                          .ordinal = state_->count(copy.mailbox, copy.flags, copy.keywords, copy.size_bytes),
                          .flags = copy.flags,
                          .origin = copy.origin,
                          .keywords = keywords},
                         0);
}

// The tables for deliveries have the definitions that they have in the account.
void BulkInsert::State::open_deliveries() {
    if (std::exchange(has_deliveries, true)) return;
    deliveries.emplace(scratch(".db"), db::OpenOptions{.access = db::Access::create,
                                                       .durability = db::Durability::off,
                                                       .cache_kib = 2048,
                                                       .ownership = account.ownership()});
    deliveries->exec("PRAGMA foreign_keys = OFF; BEGIN");  // the messages are elsewhere
    for (const auto& [sql] : account.database().rows<std::string>(
             "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name IN ('delivery', 'delivery_dkim') ORDER BY"
             " name"))
        deliveries->exec(sql);
}

void BulkInsert::skip(MessageId id) {
    (void)remove_file(state_->account.message_file(id));
}

std::int64_t BulkInsert::message_count() const {
    return state_->messages;
}

void BulkInsert::State::finish_scratch(const std::vector<Target>& targets) {
    std::vector<std::optional<MailboxId>> existing;
    for (const auto& target : targets) {
        const auto mailbox = find_mailbox(account.database(), target.mailbox);
        existing.push_back(mailbox ? std::optional(mailbox->id) : std::nullopt);
    }
    threads->resolve(account.database(), existing);
    rows->finish();
    if (deliveries) deliveries->exec("COMMIT");
    deliveries.reset();
}

void BulkInsert::State::insert_deliveries(Transaction& tx) {
    tx.database().run(fmt::format(
        "INSERT INTO main.delivery ({0}) SELECT {0} FROM scratch.delivery ORDER BY message_id", delivery_columns));
    tx.database().run(fmt::format("INSERT INTO main.delivery_dkim ({0}) SELECT {0} FROM scratch.delivery_dkim",
                                  delivery_dkim_columns));
}

// Threads that are muted or collapsed stay so for what joins them. First the few threads that are so, whatever the
// sizes of threads; what joins has ids of our blocks.
void BulkInsert::State::inherit_thread_states(Transaction& tx) {
    tx.database().run(
        "UPDATE main.placement SET muted = x.muted, collapsed = x.collapsed FROM (SELECT s.id AS id, t.muted AS muted,"
        " t.collapsed AS collapsed FROM (SELECT m.thread_id AS thread_id, max(p.muted) AS muted, max(p.collapsed) AS"
        " collapsed FROM main.placement p INDEXED BY placement_thread_state CROSS JOIN main.message m WHERE m.id ="
        " p.message_id AND (p.muted = 1 OR p.collapsed = 1) GROUP BY m.thread_id) AS t CROSS JOIN main.message s ON"
        " s.thread_id = t.thread_id WHERE EXISTS (SELECT 1 FROM main.id_block b WHERE b.lock_token = ? AND s.id BETWEEN"
        " b.first_id AND b.last_id)) AS x WHERE placement.message_id = x.id",
        reservation.token());
}

std::vector<Mailbox> BulkInsert::State::make_mailboxes(Transaction& tx, const std::vector<Target>& targets,
                                                       Result& result) {
    std::vector<Mailbox> boxes;
    for (const auto& target : targets) {
        const bool is_new = !find_mailbox(tx.database(), target.mailbox);
        Mailbox box = ensure_mailbox(tx, target.mailbox, target.subscribe);
        if (is_new) {
            ++result.created_mailboxes;
            box = with_free_special_uses(tx, box, target.special_use);
        }
        if (std::uint64_t{number(box.uidnext)} + static_cast<std::uint64_t>(mailboxes[boxes.size()].messages) >
            number(all_uids.last))
            throw Error(Errc::failed, "mailbox " + quote(box.name) + " has no UIDs left for so many messages",
                        "choose another mailbox");
        boxes.push_back(std::move(box));
    }
    return boxes;
}

void BulkInsert::State::insert_everything(Transaction& tx, const std::vector<Mailbox>& boxes,
                                          const std::vector<Target>& targets, Result& result) {
    {
        RowInserter inserter(tx, boxes, targets, result);
        const BulkRow* row = rows->next();
        const auto insert_copies = [&] {
            for (; row != nullptr && !row->has_message; row = rows->next()) inserter.insert_placement(*row);
        };
        threads->for_each([&](MessageId, const ThreadLink& link) {
            insert_copies();
            inserter.insert_message(*row, link);
            inserter.insert_placement(*row);
            row = rows->next();
        });
        insert_copies();
        inserter.finish();
    }
    if (has_deliveries) insert_deliveries(tx);
    inherit_thread_states(tx);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        tx.database().run("UPDATE main.mailbox SET uidnext = uidnext + ? WHERE id = ?", mailboxes[i].messages,
                          boxes[i].id);
        tx.add_counts(boxes[i].id, mailboxes[i].counts);
        tx.add_keywords(boxes[i].id, mailboxes[i].keywords);
    }
    for (const auto& block : blocks) journal::end(tx.database(), block);
}

BulkInsert::Result BulkInsert::commit(const std::vector<Target>& targets) {
    State& s = *state_;
    Account& account = s.account;
    std::set<std::string> names;
    for (const auto& target : targets)
        if (!names.insert(target.mailbox).second) throw std::logic_error("a mailbox is a target twice");
    s.mailboxes.resize(targets.size());
    s.finish_scratch(targets);
    if (!s.blocks.empty()) sync_filesystem(account.layout().messages(account.name()));
    check_interrupt();  // the last chance: from here on it is done or undone as a whole

    Result result;
    try {
        if (s.has_deliveries) {
            account.database().run("ATTACH DATABASE ? AS scratch", s.scratch(".db").native());
            remove_file(s.scratch(".db"));  // open, it needs no name; and nothing is left to do after the commit
        }
        Transaction tx(account);
        const std::vector<Mailbox> boxes = s.make_mailboxes(tx, targets, result);
        s.insert_everything(tx, boxes, targets, result);
        result.modseq = tx.modseq();
        s.in_doubt = true;
        tx.commit();
        s.committed = true;
        // From here on nothing may fail: another program may have removed a mailbox again.
        for (const auto& box : boxes) result.mailboxes.push_back(s.as_committed(box));
    } catch (...) {
        s.detach_scratch();
        throw;
    }
    s.detach_scratch();
    return result;
}

Mailbox BulkInsert::State::as_committed(const Mailbox& box) noexcept try {
    return get_mailbox(account.database(), box.id);
} catch (const Error&) {
    return box;
}

void BulkInsert::State::detach_scratch() noexcept try {
    if (has_deliveries) account.database().exec("DETACH DATABASE scratch");
} catch (const Error&) {
    // It ends with the connection.
}

void BulkInsert::State::remove_everything() noexcept try {
    deliveries.reset();
    account.database().roll_back_if_open();
    if (in_doubt && !account.database().confirm_rollback()) return;
    // The files are ours alone, so they go even while somebody holds the database's lock.
    for (const auto& block : blocks)
        for (std::int64_t id = block.first; id <= block.last && id < next_id; ++id)
            (void)remove_file(account.message_file(static_cast<MessageId>(id)));
    for (const auto& block : blocks) discard_id_block(account, block);
    journal::remove_scratch_files(account.layout(), reservation.token());
} catch (const Error&) {
    // What could not be removed now, the next program that opens the account removes: the journal rows are still there.
}

}  // namespace mox::store
