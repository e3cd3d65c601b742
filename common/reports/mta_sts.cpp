#include "reports/mta_sts.hpp"

#include "reports/databases.hpp"
#include "reports/json.hpp"

namespace mox::reports {

namespace {

std::vector<MtaStsPolicy> load(db::Database& database, std::optional<std::string_view> domain) {
    db::Statement row = database.prepare(
        "SELECT domain, inserted, valid_end, last_update, last_use, backoff, record_id, version, mode, mx, max_age,"
        " extensions, policy_text FROM policy WHERE ?1 IS NULL OR domain = ?1 ORDER BY domain");
    row.bind(domain);
    std::vector<MtaStsPolicy> policies;
    while (row.step())
        policies.push_back({.domain = row.column<std::string>(0),
                            .inserted = row.column<std::int64_t>(1),
                            .valid_end = row.column<std::int64_t>(2),
                            .last_update = row.column<std::int64_t>(3),
                            .last_use = row.column<std::int64_t>(4),
                            .backoff = row.column<bool>(5),
                            .record_id = row.column<std::string>(6),
                            .version = row.column<std::string>(7),
                            .mode = row.column<std::string>(8),
                            .mx = from_json<std::string>(row.column<std::string>(9)),
                            .max_age = row.column<std::int64_t>(10),
                            .extensions = from_json<std::pair<std::string, std::string>>(row.column<std::string>(11)),
                            .policy_text = row.column<std::string>(12)});
    return policies;
}

}  // namespace

db::Database open_mta_sts(const datadir::Layout& layout, const db::OpenOptions& options) {
    return open_directory_database(layout, layout.mta_sts_db(), mta_sts_schema(), options);
}

void put_mta_sts_policy(db::Database& database, const MtaStsPolicy& policy) {
    require_texts("MTA-STS policy", {policy.domain, policy.record_id, policy.version, policy.mode, policy.policy_text});
    database.run(
        "INSERT INTO policy (domain, inserted, valid_end, last_update, last_use, backoff, record_id, version, mode, mx,"
        " max_age, extensions, policy_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (domain) DO UPDATE SET inserted = excluded.inserted, valid_end = excluded.valid_end,"
        " last_update = excluded.last_update, last_use = excluded.last_use, backoff = excluded.backoff,"
        " record_id = excluded.record_id, version = excluded.version, mode = excluded.mode, mx = excluded.mx,"
        " max_age = excluded.max_age, extensions = excluded.extensions, policy_text = excluded.policy_text",
        policy.domain, policy.inserted, policy.valid_end, policy.last_update, policy.last_use, policy.backoff,
        policy.record_id, policy.version, policy.mode, to_json(policy.mx), policy.max_age, to_json(policy.extensions),
        policy.policy_text);
}

std::optional<MtaStsPolicy> mta_sts_policy(db::Database& database, std::string_view domain) {
    auto found = load(database, domain);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

std::vector<MtaStsPolicy> mta_sts_policies(db::Database& database) {
    return load(database, std::nullopt);
}

bool remove_mta_sts_policy(db::Database& database, std::string_view domain) {
    return database.run("DELETE FROM policy WHERE domain = ?", domain) > 0;
}

}  // namespace mox::reports
