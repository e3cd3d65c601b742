#include "check/queue.hpp"

#include <fmt/format.h>

#include <limits>
#include <set>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "check/message_tree.hpp"
#include "check/opened.hpp"
#include "check/reservations.hpp"
#include "queue/message_rows.hpp"
#include "queue/schema.hpp"

namespace mox::check {

namespace {

constexpr auto ids_per_folder = static_cast<std::size_t>(datadir::ids_per_folder);

class QueueChecks {
public:
    QueueChecks(Scope& scope, OpenedDatabase& opened, MessageTree& tree)
        : scope_(scope),
          opened_(opened),
          tree_(tree) {}

    // A task for each folder that rows or files name, and one for the rows.
    [[nodiscard]] std::vector<Pool::Task> tasks(std::vector<std::int64_t> on_disk);
    [[nodiscard]] static ExpectedFile look_again(db::Database& database, const datadir::Layout& layout,
                                                 std::int64_t id);

private:
    void check_folder(std::int64_t number);
    void check_rows();
    void check_message(db::Database& database, std::int64_t id, bool is_pending, bool is_retired);
    void add(CheckId check, std::string detail) { scope_.add(check, opened_.path(), std::move(detail)); }

    Scope& scope_;
    OpenedDatabase& opened_;
    MessageTree& tree_;
};

std::vector<Pool::Task> QueueChecks::tasks(std::vector<std::int64_t> on_disk) {
    std::set<std::int64_t> numbers(on_disk.begin(), on_disk.end());
    {
        const auto database = opened_.borrow();
        for (const auto& [number] :
             database->rows<std::int64_t>("SELECT DISTINCT id / ? FROM message WHERE id > 0", datadir::ids_per_folder))
            numbers.insert(number);
    }
    std::vector<Pool::Task> tasks;
    tasks.push_back([this] { scope_.guard(opened_.path(), [&] { check_rows(); }); });
    for (const auto number : numbers)
        tasks.push_back([this, number] { scope_.guard(opened_.path(), [&] { check_folder(number); }); });
    return tasks;
}

void QueueChecks::check_folder(std::int64_t number) {
    using State = ExpectedFile::State;
    check_interrupt();
    const std::int64_t first_id = number * datadir::ids_per_folder;
    const std::int64_t last_id = first_id + (datadir::ids_per_folder - 1);
    const bool with_hashes = scope_.run().options.contents == Contents::hashes && scope_.wanted("message-hash");
    std::vector<ExpectedFile> expected(ids_per_folder);
    std::vector<Sha256Digest> hashes(with_hashes ? ids_per_folder : 0);
    {
        const auto database = opened_.borrow();
        for (const auto& [id] : database->rows<std::int64_t>(
                 "SELECT message_id FROM erase_queue WHERE message_id BETWEEN ? AND ?", first_id, last_id))
            expected[static_cast<std::size_t>(id - first_id)].state = State::allowed;
        for (const auto& [id, size, sha256] : database->rows<std::int64_t, std::int64_t, std::string>(
                 "SELECT id, size - length(prefix), file_sha256 FROM pending JOIN message ON message.id ="
                 " pending.message_id WHERE message.id BETWEEN ? AND ?",
                 first_id, last_id)) {
            const auto slot = static_cast<std::size_t>(id - first_id);
            expected[slot] = {.state = State::needed, .size_bytes = size};
            if (sha256.size() != sizeof(Sha256Digest))
                add("queue-message", fmt::format("message {} has a SHA-256 of {} bytes", id, sha256.size()));
            else if (with_hashes)
                std::copy_n(as_bytes(sha256).begin(), sha256.size(), hashes[slot].begin());
        }
    }
    tree_.check_folder(number, expected, hashes);
}

ExpectedFile QueueChecks::look_again(db::Database& database, const datadir::Layout& layout, std::int64_t id) {
    using State = ExpectedFile::State;
    // The journal first: the commit that ends a reservation makes the rows visible.
    const bool reserved = is_reserved(database, layout, id);
    if (const auto size = database.value<std::int64_t>(
            "SELECT size - length(prefix) FROM pending JOIN message ON message.id = pending.message_id WHERE"
            " message.id = ?",
            id))
        return {.state = State::needed, .size_bytes = *size};
    const bool queued = database.value<int>("SELECT 1 FROM erase_queue WHERE message_id = ?", id).has_value();
    return {.state = reserved || queued ? State::allowed : State::none};
}

void QueueChecks::check_rows() {
    const auto next_id = [&]() -> std::optional<std::int64_t> {
        return opened_.borrow()->value<std::int64_t>("SELECT next_message_id FROM queue");
    }();
    if (!next_id)
        add("counters", "has no row of counters in the table 'queue'");
    else
        check_reservations(scope_, opened_, *next_id);
    const auto database = opened_.borrow();
    for (const auto& [id, is_pending, is_retired] : database->rows<std::int64_t, bool, bool>(
             "SELECT id, EXISTS (SELECT 1 FROM pending p WHERE p.message_id = m.id), EXISTS (SELECT 1 FROM retired r"
             " WHERE r.message_id = m.id) FROM message m")) {
        check_interrupt();
        check_message(*database, id, is_pending, is_retired);
    }
}

void QueueChecks::check_message(db::Database& database, std::int64_t id, bool is_pending, bool is_retired) {
    if (id < 1) add("queue-message", fmt::format("message {} has an id that cannot be", id));
    if (is_pending == is_retired) {
        add("queue-state", fmt::format("message {} is {}", id,
                                       is_pending ? "both pending and retired" : "neither pending nor retired"));
        return;
    }
    if (!scope_.wanted("queue-message")) return;
    const auto message = queue::load_message(database, id);
    if (!message) return;  // cannot be: its row was read
    if (const auto problem = queue::message_problem(*message); !problem.empty())
        add("queue-message", fmt::format("message {}: {}", id, problem));
}

}  // namespace

void check_queue(Scope& scope) {
    look_until_stable(scope, [&] {
        OpenedDatabase* database = nullptr;
        MessageTree tree(scope, "queue", [&](std::int64_t id) {
            // Without a database nothing explains a file.
            if (database == nullptr) return ExpectedFile{};
            return QueueChecks::look_again(*database->borrow_fresh(), scope.run().layout, id);
        });
        const auto folders =
            tree.folders([](std::string_view name) { return name == "index.db" || is_side_file(name, "index.db"); });
        const auto opened = OpenedDatabase::open(scope, scope.run().layout.queue_db(), queue::queue_schema(),
                                                 folders.empty() ? IfMissing::fine : IfMissing::error);
        if (!opened) return true;
        database = opened.get();
        QueueChecks rows(scope, *opened, tree);
        std::vector<Pool::Task> tasks = opened->format_tasks(scope, queue::queue_schema());
        scope.guard(opened->path(), [&] {
            for (auto& task : rows.tasks(folders)) tasks.push_back(std::move(task));
        });
        scope.run().pool.run(tasks);
        return !opened->changed_meanwhile();
    });
}

}  // namespace mox::check
