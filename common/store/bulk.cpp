#include "store/bulk.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <set>
#include <stdexcept>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "journal/scratch.hpp"
#include "mime/message.hpp"
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

// Rows as they will be, but for what only the final transaction knows. `ordinal` counts a mailbox's messages from 0.
constexpr std::string_view scratch_schema = R"sql(
CREATE TABLE message (id INTEGER PRIMARY KEY, size INTEGER, prefix BLOB, file_sha256 BLOB, received INTEGER,
    received_nanoseconds INTEGER, received_offset INTEGER, message_id TEXT, subject_base TEXT, structure BLOB,
    mailbox INTEGER, ordinal INTEGER, flags INTEGER, keywords TEXT, save_date INTEGER, mailbox_destined INTEGER,
    is_reject INTEGER, is_forward INTEGER, muted INTEGER, collapsed INTEGER);
CREATE TABLE copy (id INTEGER, mailbox INTEGER, ordinal INTEGER, flags INTEGER, keywords TEXT, save_date INTEGER,
    mailbox_destined INTEGER, is_reject INTEGER, is_forward INTEGER, muted INTEGER, collapsed INTEGER);
CREATE TABLE sorting (id INTEGER PRIMARY KEY, sort INTEGER);
CREATE TABLE thread (id INTEGER PRIMARY KEY, thread_id INTEGER, parent INTEGER, missing_link INTEGER);
)sql";

constexpr std::string_view placement_columns =
    "id, mailbox, ordinal, flags, keywords, save_date, mailbox_destined, is_reject, is_forward, muted, collapsed";

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
          reservation(datadir::Reservation::take(account_.layout())),
          scratch(journal::scratch_file(account_.layout(), reservation.token(), ".db")) {}

    Account& account;
    std::string purpose;
    datadir::Reservation reservation;
    fs::path scratch;
    std::optional<ThreadBatch> threads;
    std::optional<db::Database> rows;  // the scratch database; closed before it is attached
    std::vector<IdBlock> blocks;       // in use since the start
    std::int64_t next_id = 0;
    std::int64_t last_folder = -1;  // of the ids given out
    std::vector<MailboxSums> mailboxes;
    std::int64_t messages = 0;
    bool has_copies = false, has_deliveries = false, has_order = false;
    bool committed = false, in_doubt = false;

    void open_scratch();
    void enter_folder(std::int64_t folder);
    void finish_scratch(const std::vector<Target>& targets);
    std::int64_t count(std::size_t mailbox, model::Flags flags, const model::Keywords& keywords, std::int64_t size);
    void open_deliveries();
    void insert_rows(Transaction& tx);
    void insert_placements(Transaction& tx);
    void insert_deliveries(Transaction& tx);
    void insert_sent_recipients(Transaction& tx, std::size_t index);
    void sort_by_order();
    void insert_targets(Transaction& tx, const std::vector<Mailbox>& boxes, const std::vector<Target>& targets);
    Mailbox as_committed(const Mailbox& box) noexcept;
    void detach_scratch() noexcept;
    void remove_everything() noexcept;
};

void BulkInsert::State::open_scratch() {
    if (rows) return;
    rows.emplace(scratch, db::OpenOptions{.access = db::Access::create,
                                          .durability = db::Durability::off,
                                          .cache_kib = 2048,
                                          .ownership = account.ownership()});
    rows->exec(scratch_schema);
    rows->exec("BEGIN");
}

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
        state_->threads.emplace(journal::scratch_file(account.layout(), state_->reservation.token(), "-threads"));
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
    s.open_scratch();
    const std::int64_t size = item.file.size_bytes + static_cast<std::int64_t>(item.prefix.size());
    const std::int64_t ordinal = s.count(item.mailbox, item.flags, item.keywords, size);
    const mime::Threading& threading = item.file.parsed.threading;
    const Origin& origin = item.origin;
    s.rows->run("INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", item.id,
                size, db::Blob(item.prefix), db::Blob(item.file.sha256), item.received.seconds,
                item.received.nanoseconds, item.received.offset_minutes, threading.message_id, threading.subject.text,
                db::Blob(mime::encode(item.file.parsed)), item.mailbox, ordinal, item.flags.bits(),
                model::joined(item.keywords), origin.save_date, origin.mailbox_destined, origin.is_reject,
                origin.is_forward, origin.muted, origin.collapsed);
    s.threads->add(item.id, threading, item.mailbox, item.received);
    ++s.messages;
    if (item.order != 0) {
        s.has_order = true;
        s.rows->run("INSERT INTO sorting VALUES (?, ?)", item.id, item.order);
    }
    if (!item.delivery) return;
    s.open_deliveries();
    insert_delivery(*s.rows, item.id, *item.delivery);
}

void BulkInsert::add_copy(const Copy& copy) {
    State& s = *state_;
    s.open_scratch();
    s.has_copies = true;
    const std::int64_t ordinal = s.count(copy.mailbox, copy.flags, copy.keywords, copy.size_bytes);
    const Origin& origin = copy.origin;
    s.rows->run("INSERT INTO copy VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", copy.id, copy.mailbox, ordinal,
                copy.flags.bits(), model::joined(copy.keywords), origin.save_date, origin.mailbox_destined,
                origin.is_reject, origin.is_forward, origin.muted, origin.collapsed);
}

// The tables for deliveries have the definitions that they have in the account.
void BulkInsert::State::open_deliveries() {
    if (std::exchange(has_deliveries, true)) return;
    for (const auto& [sql] : account.database().rows<std::string>(
             "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name IN ('delivery', 'delivery_dkim') ORDER BY"
             " name"))
        rows->exec(sql);
}

void BulkInsert::skip(MessageId id) {
    (void)remove_file(state_->account.message_file(id));
}

std::int64_t BulkInsert::message_count() const {
    return state_->messages;
}

void BulkInsert::State::finish_scratch(const std::vector<Target>& targets) {
    open_scratch();
    std::vector<std::optional<MailboxId>> existing;
    for (const auto& target : targets) {
        const auto mailbox = find_mailbox(account.database(), target.mailbox);
        existing.push_back(mailbox ? std::optional(mailbox->id) : std::nullopt);
    }
    db::Statement insert = rows->prepare("INSERT INTO thread VALUES (?, ?, ?, ?)");
    threads->resolve(account.database(), existing, [&](MessageId id, const ThreadLink& link) {
        insert.run(id, link.thread_id, link.parent, link.missing_link);
    });
    if (has_order) sort_by_order();
    rows->exec("COMMIT");
}

// The messages of each mailbox change places among themselves, so that their ordinals follow Item::order.
void BulkInsert::State::sort_by_order() {
    rows->exec(
        "CREATE TEMP TABLE moved AS SELECT a.id AS id, b.ordinal AS ordinal FROM (SELECT m.id, m.mailbox, row_number()"
        " OVER (PARTITION BY m.mailbox ORDER BY coalesce(s.sort, 0), m.ordinal) AS place FROM message m LEFT JOIN"
        " sorting s ON s.id = m.id) a JOIN (SELECT mailbox, ordinal, row_number() OVER (PARTITION BY mailbox ORDER BY"
        " ordinal) AS place FROM message) b ON b.mailbox = a.mailbox AND b.place = a.place;"
        "UPDATE message SET ordinal = moved.ordinal FROM moved WHERE moved.id = message.id;"
        "DROP TABLE moved");
}

// The mailboxes as the rows' statement needs them. A temporary table lives in memory and takes no part in the commit.
void BulkInsert::State::insert_targets(Transaction& tx, const std::vector<Mailbox>& boxes,
                                       const std::vector<Target>& targets) {
    const auto flags_in = [&](std::size_t i, model::Flags flags) {
        return with_junk_flags(boxes[i], targets[i].junk.apply(flags)).bits();
    };
    db::Database& database = tx.database();
    database.exec(
        "CREATE TEMP TABLE target (mailbox INTEGER PRIMARY KEY, id INTEGER, uidnext INTEGER, keep INTEGER, set_flags "
        "INTEGER)");
    for (std::size_t i = 0; i < targets.size(); ++i)
        database.run("INSERT INTO temp.target VALUES (?, ?, ?, ?, ?)", i, boxes[i].id, boxes[i].uidnext,
                     flags_in(i, model::Flags::from_bits(0xffffffff)), flags_in(i, {}));
}

void BulkInsert::State::insert_rows(Transaction& tx) {
    db::Database& database = tx.database();
    database.exec(
        "INSERT INTO main.message (id, size, prefix, file_sha256, received, received_nanoseconds, received_offset, "
        "message_id,"
        " subject_base, thread_id, thread_parent, thread_missing_link, preview, structure)"
        " SELECT s.id, s.size, s.prefix, s.file_sha256, s.received, s.received_nanoseconds, s.received_offset, "
        "s.message_id,"
        " s.subject_base, t.thread_id, t.parent, t.missing_link, NULL, s.structure"
        " FROM scratch.message s JOIN scratch.thread t ON t.id = s.id ORDER BY s.id");
    insert_placements(tx);
    if (has_deliveries) insert_deliveries(tx);
    // Threads that are muted or collapsed stay so for what joins them.
    // First the few threads that are so, whatever the sizes of threads.
    database.run(
        "UPDATE main.placement SET muted = x.muted, collapsed = x.collapsed FROM (SELECT s.id AS id, t.muted AS muted,"
        " t.collapsed AS collapsed FROM (SELECT m.thread_id AS thread_id, max(p.muted) AS muted, max(p.collapsed) AS"
        " collapsed FROM main.placement p INDEXED BY placement_thread_state CROSS JOIN main.message m WHERE m.id ="
        " p.message_id AND (p.muted = 1 OR p.collapsed = 1) GROUP BY m.thread_id) AS t JOIN scratch.thread s ON"
        " s.thread_id = t.thread_id) AS x WHERE placement.message_id = x.id");
}

void BulkInsert::State::insert_placements(Transaction& tx) {
    const std::string source =
        has_copies
            ? fmt::format("(SELECT {0} FROM scratch.message UNION ALL SELECT {0} FROM scratch.copy)", placement_columns)
            : "scratch.message";
    tx.database().run(
        fmt::format(
            "INSERT INTO main.placement (mailbox_id, uid, message_id, flags, keywords, modseq, createseq,"
            " save_date, mailbox_orig_id, mailbox_destined_id, is_reject, is_forward, muted, collapsed, trained)"
            " SELECT b.id, b.uidnext + s.ordinal, s.id, s.flags & b.keep | b.set_flags, s.keywords, ?1, ?1,"
            " coalesce(s.save_date, ?2), b.id, s.mailbox_destined, s.is_reject, s.is_forward, s.muted,"
            " s.collapsed, 0 FROM {} s CROSS JOIN temp.target b ON b.mailbox = s.mailbox ORDER BY {}",
            source, mailboxes.size() > 1 ? "b.id, s.ordinal" : "s.id"),
        tx.modseq(), account.now().seconds);
}

void BulkInsert::State::insert_deliveries(Transaction& tx) {
    tx.database().run(fmt::format(
        "INSERT INTO main.delivery ({0}) SELECT {0} FROM scratch.delivery ORDER BY message_id", delivery_columns));
    tx.database().run(fmt::format("INSERT INTO main.delivery_dkim ({0}) SELECT {0} FROM scratch.delivery_dkim",
                                  delivery_dkim_columns));
}

void BulkInsert::State::insert_sent_recipients(Transaction& tx, std::size_t index) {
    for (const auto& [id, structure, received] : tx.database().rows<MessageId, std::string, std::int64_t>(
             "SELECT id, structure, received FROM scratch.message WHERE mailbox = ? ORDER BY id", index))
        if (const auto parsed = mime::decode(structure)) insert_recipients(tx, id, *parsed, {.seconds = received});
}

BulkInsert::Result BulkInsert::commit(const std::vector<Target>& targets) {
    State& s = *state_;
    Account& account = s.account;
    std::set<std::string> names;
    for (const auto& target : targets)
        if (!names.insert(target.mailbox).second) throw std::logic_error("a mailbox is a target twice");
    s.mailboxes.resize(targets.size());
    s.finish_scratch(targets);
    s.rows.reset();
    if (!s.blocks.empty()) sync_filesystem(account.layout().messages(account.name()));
    check_interrupt();  // the last chance: from here on it is done or undone as a whole

    db::Database& database = account.database();
    database.run("ATTACH DATABASE ? AS scratch", s.scratch.native());
    Result result;
    try {
        remove_file(s.scratch);  // open, it needs no name; and nothing is left to do after the commit
        Transaction tx(account);
        std::vector<Mailbox> boxes;
        for (const auto& target : targets) {
            const bool is_new = !find_mailbox(database, target.mailbox);
            Mailbox box = ensure_mailbox(tx, target.mailbox, target.subscribe);
            if (is_new) {
                ++result.created_mailboxes;
                box = with_free_special_uses(tx, box, target.special_use);
            }
            if (std::uint64_t{number(box.uidnext)} + static_cast<std::uint64_t>(s.mailboxes[boxes.size()].messages) >
                number(all_uids.last))
                throw Error(Errc::failed, "mailbox " + quote(box.name) + " has no UIDs left for so many messages",
                            "choose another mailbox");
            boxes.push_back(std::move(box));
        }
        s.insert_targets(tx, boxes, targets);
        s.insert_rows(tx);
        for (std::size_t i = 0; i < boxes.size(); ++i) {
            database.run("UPDATE main.mailbox SET uidnext = uidnext + ? WHERE id = ?", s.mailboxes[i].messages,
                         boxes[i].id);
            tx.add_counts(boxes[i].id, s.mailboxes[i].counts);
            tx.add_keywords(boxes[i].id, s.mailboxes[i].keywords);
            if (has(boxes[i].special_use, SpecialUse::sent)) s.insert_sent_recipients(tx, i);
            update_training(tx, boxes[i].id);
        }
        for (const auto& block : s.blocks) journal::end(database, block);
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
    account.database().exec("DROP TABLE IF EXISTS temp.target; DETACH DATABASE scratch");
} catch (const Error&) {
    // It ends with the connection.
}

void BulkInsert::State::remove_everything() noexcept try {
    rows.reset();
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
