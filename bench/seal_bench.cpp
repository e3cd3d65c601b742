// What seals cost: inserts messages and their placements into a new account database, in one transaction, with the
// seals computed by the schema or, otherwise the same, with a constant in their place. Prints the milliseconds from
// BEGIN to the end of COMMIT.
// usage: seal_bench DB sealed|plain [ROWS]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/random.hpp"
#include "db/schema.hpp"
#include "store/schema.hpp"

using namespace mox;

namespace {

// The schema without computed seals; the columns hold 8 bytes each as before.
std::string without_seals(std::string sql) {
    const std::string_view begin = "GENERATED ALWAYS AS (mox_seal(", end = ") STORED";
    int replaced = 0;
    for (auto at = sql.find(begin); at != std::string::npos; at = sql.find(begin, at)) {
        sql.replace(at, sql.find(end, at) + end.size() - at, "DEFAULT 81985529216486895");
        ++replaced;
    }
    if (replaced == 0) throw Error(Errc::failed, "the schema has no seals");
    return sql;
}

struct Row {
    std::string sha256, message_id, subject, preview, structure, keywords;
    std::int64_t size, received;
};

std::string text(Random& random, std::size_t length) {
    std::string out;
    for (std::size_t i = 0; i < length; ++i) out += static_cast<char>('a' + random.below(26));
    return out;
}

std::vector<Row> make_rows(std::size_t count) {
    SeededRandom random(1);
    std::vector<Row> rows(count);
    for (auto& row : rows) {
        row.sha256 = text(random, 32);
        row.message_id = text(random, 30 + random.below(30));
        row.subject = text(random, 10 + random.below(50));
        row.preview = text(random, 100 + random.below(150));
        row.structure = text(random, 60 + random.below(200));
        row.keywords = random.below(5) == 0 ? "$label1 work" : "";
        row.size = static_cast<std::int64_t>(1000 + random.below(20000));
        row.received = static_cast<std::int64_t>(1'000'000'000 + random.below(100'000'000));
    }
    return rows;
}

void insert(db::Database& database, const std::vector<Row>& rows) {
    auto message = database.prepare(
        "INSERT INTO message (id, size, prefix, file_sha256, received, received_nanoseconds, received_offset, "
        "message_id,"
        " subject_base, thread_id, thread_parent, thread_missing_link, preview, structure)"
        " VALUES (?, ?, ?, ?, ?, 0, 60, ?, ?, ?, NULL, 0, ?, ?)");
    auto placement = database.prepare(
        "INSERT INTO placement (mailbox_id, uid, message_id, flags, keywords, modseq, createseq, save_date,"
        " mailbox_orig_id, mailbox_destined_id, is_reject, is_forward, muted, collapsed, trained)"
        " VALUES (1, ?, ?, 1, ?, 2, 2, ?, 1, 0, 0, 0, 0, 0, 0)");
    std::int64_t id = 0;
    for (const auto& row : rows) {
        ++id;
        message.run(id, row.size, db::Blob(std::string_view()), db::Blob(row.sha256), row.received, row.message_id,
                    row.subject, id, row.preview, db::Blob(row.structure));
        placement.run(id, id, row.keywords, row.received);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string kind = argc > 2 ? argv[2] : "";
    if (kind != "sealed" && kind != "plain") {
        std::fputs("usage: seal_bench DB sealed|plain [ROWS]\n", stderr);
        return 2;
    }
    const auto rows = make_rows(argc > 3 ? static_cast<std::size_t>(std::atoll(argv[3])) : 50'000);

    db::Database database(argv[1], {.access = db::Access::create});
    std::string sql(store::account_schema().steps[0]);
    database.exec(kind == "plain" ? without_seals(std::move(sql)) : sql);
    database.exec(
        "INSERT INTO mailbox (id, name, uidvalidity, uidnext, special_use, keywords, count_total, count_deleted,"
        " count_unread, count_unseen, size, createseq, modseq, expunged)"
        " VALUES (1, 'Inbox', 1, 1, 0, '', 0, 0, 0, 0, 0, 1, 1, 0)");

    const auto start = std::chrono::steady_clock::now();
    db::Transaction transaction(database);
    insert(database, rows);
    transaction.commit();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("%.2f\n", took.count());
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "seal_bench: %s\n", error.what());
    return 1;
}
