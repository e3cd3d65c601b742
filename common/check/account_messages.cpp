#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "check/account.hpp"
#include "datadir/lock.hpp"
#include "mime/message.hpp"

namespace mox::check {

namespace {

constexpr auto ids_per_folder = static_cast<std::size_t>(datadir::ids_per_folder);

// Why a Message-ID is not in the form that ids are kept in; empty when it is. Cheap, as every message has one.
std::string_view message_id_problem(std::string_view id) {
    if (!is_utf8(id)) return "is not UTF-8";
    for (const char c : id) {
        if (static_cast<unsigned char>(c) <= 0x20 && c != ' ' && c != '\t') return "has a control character";
        if (c >= 'A' && c <= 'Z') return "is not in lower case";
    }
    return {};
}

}  // namespace

// What rows say of the ids of one folder.
struct AccountMessages::Folder {
    Folder(std::int64_t folder_number, bool with_hashes)
        : first_id(folder_number * datadir::ids_per_folder),
          number(folder_number),
          expected(ids_per_folder),
          sizes(ids_per_folder),
          states(ids_per_folder),
          hashes(with_hashes ? ids_per_folder : 0) {}

    struct State {
        bool exists = false, placed = false, queued = false;
    };
    std::int64_t first_id, number;
    std::vector<ExpectedFile> expected;
    std::vector<std::int64_t> sizes;  // of whole messages
    std::vector<State> states;
    std::vector<Sha256Digest> hashes;  // empty: not wanted
    std::vector<ThreadChecks::Message> thread_messages;

    [[nodiscard]] std::int64_t last_id() const { return first_id + (datadir::ids_per_folder - 1); }
    [[nodiscard]] std::size_t slot(std::int64_t id) const { return static_cast<std::size_t>(id - first_id); }
};

AccountMessages::AccountMessages(Scope& scope, OpenedDatabase& opened, std::string account)
    : scope_(scope),
      opened_(opened),
      tree_(scope, "accounts/" + account + "/msg", [this](std::int64_t id) { return look_again(id); }),
      threads_(scope, opened) {}

// Numbers of all folders that a row or the disk knows.
std::vector<std::int64_t> AccountMessages::folder_numbers() {
    const auto on_disk = tree_.folders([](std::string_view) { return false; });
    std::set<std::int64_t> numbers(on_disk.begin(), on_disk.end());
    const auto database = opened_.borrow();
    for (const auto& [id] : database->rows<std::int64_t>("SELECT id FROM message WHERE id < 1 ORDER BY id"))
        add("message-row", id, "has an id that cannot be");
    db::Statement next = database->prepare("SELECT id FROM message WHERE id >= ? ORDER BY id LIMIT 1");
    for (std::int64_t from = 1; from > 0;) {
        next.bind(from);
        if (!next.step()) break;
        const std::int64_t number = next.column<std::int64_t>(0) / datadir::ids_per_folder;
        numbers.insert(number);
        if (number == std::numeric_limits<std::int64_t>::max() / datadir::ids_per_folder) break;
        from = (number + 1) * datadir::ids_per_folder;
    }
    return {numbers.begin(), numbers.end()};
}

std::vector<Pool::Task> AccountMessages::folder_tasks() {
    std::vector<Pool::Task> tasks;
    const auto numbers = folder_numbers();
    folders_left_ = numbers.size();
    for (const auto number : numbers)
        tasks.push_back([this, number] { scope_.guard(opened_.path(), [&] { check_folder(number); }); });
    return tasks;
}

void AccountMessages::check_folder(std::int64_t number) {
    check_interrupt();
    Folder folder(number, scope_.run().options.contents == Contents::hashes && scope_.wanted("message-hash"));
    {
        const auto database = opened_.borrow();
        // One state for the three: of a database that nobody writes to there is only one.
        read_messages(*database, folder);
        read_placements(*database, folder);
        read_erase_queue(*database, folder);
        threads_.check_folder(*database, folder.thread_messages);
    }
    --folders_left_;
    check_states(folder);
    tree_.check_folder(number, folder.expected, folder.hashes);
}

void AccountMessages::read_messages(db::Database& database, Folder& folder) {
    db::Statement row = database.prepare(
        "SELECT id, size, length(prefix), file_sha256, received_nanoseconds, received_offset, message_id, thread_id,"
        " thread_parent, thread_missing_link, structure FROM message WHERE id BETWEEN ? AND ? ORDER BY id");
    row.bind(folder.first_id, folder.last_id());
    while (row.step()) {
        const auto id = row.column<std::int64_t>(0);
        if (id < 1) continue;
        const std::size_t slot = folder.slot(id);
        folder.states[slot].exists = true;
        folder.sizes[slot] = row.column<std::int64_t>(1);
        folder.expected[slot].size_bytes = folder.sizes[slot] - row.column<std::int64_t>(2);
        folder.thread_messages.push_back(
            {.id = id, .thread_id = row.column<std::int64_t>(7), .parent = row.column<std::int64_t>(8)});
        const auto sha256 = row.column<std::string_view>(3);
        if (!folder.hashes.empty() && sha256.size() == sizeof(Sha256Digest))
            std::copy_n(as_bytes(sha256).begin(), sha256.size(), folder.hashes[slot].begin());
        check_row(row, id);
        if (scope_.wanted("structure") || scope_.wanted("structure-offsets"))
            check_structure(row, id, folder.sizes[slot]);
    }
}

void AccountMessages::check_row(const db::Statement& row, std::int64_t id) {
    const auto size = row.column<std::int64_t>(1), prefix_size = row.column<std::int64_t>(2);
    if (size < prefix_size)
        add("message-row", id, fmt::format("has a size of {} and a prefix of {} bytes", size, prefix_size));
    if (const auto bytes = row.column<std::string_view>(3).size(); bytes != sizeof(Sha256Digest))
        add("message-row", id, fmt::format("has a SHA-256 of {} bytes", bytes));
    if (const auto part = row.column<std::int64_t>(4); part < 0 || part > 999'999'999)
        add("message-row", id, fmt::format("was received at {} nanoseconds of a second", part));
    if (const auto offset = row.column<std::int64_t>(5); offset < -24 * 60 || offset > 24 * 60)
        add("message-row", id, fmt::format("was received {} minutes east of UTC", offset));
    if (const auto problem = message_id_problem(row.column<std::string_view>(6)); !problem.empty())
        add("message-row", id, fmt::format("has a Message-ID that {}", problem));
    if (const auto link = row.column<std::int64_t>(9); link < 0 || link > 1)
        add("message-row", id, fmt::format("has {} as thread_missing_link", link));
}

void AccountMessages::check_structure(const db::Statement& row, std::int64_t id, std::int64_t size_bytes) {
    if (row.is_null(10)) return;  // not parsed yet
    const auto message = mime::decode(row.column<std::string_view>(10));
    if (!message) {
        add("structure", id, "has a structure that cannot be read");
    } else if (const auto problem =
                   mime::check_offsets(*message, static_cast<std::uint64_t>(std::max<std::int64_t>(size_bytes, 0)));
               !problem.empty()) {
        add("structure-offsets", id, "has a structure that does not fit: " + escaped(problem));
    }
}

void AccountMessages::read_placements(db::Database& database, Folder& folder) {
    std::map<std::int64_t, std::int64_t> sizes;
    // By the index placement_message, unless that is what is missing.
    db::Statement row =
        database.prepare("SELECT message_id, mailbox_id FROM placement WHERE message_id BETWEEN ? AND ?");
    row.bind(folder.first_id, folder.last_id());
    while (row.step()) {
        const std::size_t slot = folder.slot(row.column<std::int64_t>(0));
        folder.states[slot].placed = true;
        sizes[row.column<std::int64_t>(1)] += folder.sizes[slot];
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [mailbox, size_bytes] : sizes) sizes_[mailbox] += size_bytes;
}

void AccountMessages::read_erase_queue(db::Database& database, Folder& folder) {
    for (const auto& [id] : database.rows<std::int64_t>(
             "SELECT message_id FROM erase_queue WHERE message_id BETWEEN ? AND ?", folder.first_id, folder.last_id()))
        folder.states[folder.slot(id)].queued = true;
}

void AccountMessages::check_states(Folder& folder) {
    using State = ExpectedFile::State;
    for (std::size_t slot = 0; slot < ids_per_folder; ++slot) {
        const auto& state = folder.states[slot];
        const std::int64_t id = folder.first_id + static_cast<std::int64_t>(slot);
        if (state.placed && state.queued) add("erase-queue", id, "waits to be erased, but lies in a mailbox");
        if (state.exists && !state.placed && !state.queued)
            add("message-unplaced", id, "lies in no mailbox and does not wait to be erased");
        if (state.exists) folder.expected[slot].state = state.queued && !state.placed ? State::allowed : State::needed;
    }
}

ExpectedFile AccountMessages::look_again(std::int64_t id) {
    using State = ExpectedFile::State;
    const auto database = opened_.borrow_fresh();
    // The journal first: the commit that ends a reservation makes the rows visible.
    const bool reserved = is_reserved(*database, scope_.run().layout, id);
    const auto row = database->row<std::int64_t, bool>(
        "SELECT size - length(prefix), EXISTS (SELECT 1 FROM erase_queue WHERE message_id = m.id) AND NOT EXISTS"
        " (SELECT 1 FROM placement WHERE message_id = m.id) FROM message m WHERE id = ?",
        id);
    if (row) return {.state = std::get<1>(*row) ? State::allowed : State::needed, .size_bytes = std::get<0>(*row)};
    return {.state = reserved ? State::allowed : State::none};
}

void AccountMessages::finish() {
    if (scope_.wanted("thread-cycle")) threads_.check_cycles();
}

}  // namespace mox::check
