#include "reports/tls.hpp"

#include "reports/databases.hpp"
#include "reports/json.hpp"

namespace mox::reports {

namespace {

std::vector<TlsPolicyResult> load_policies(db::Database& database, std::int64_t report_id) {
    db::Statement row = database.prepare(
        "SELECT type, policy_string, domain, mx_hosts, successes, failures, failure_details FROM policy"
        " WHERE report_id = ? ORDER BY number");
    row.bind(report_id);
    std::vector<TlsPolicyResult> policies;
    while (row.step())
        policies.push_back({.type = row.column<std::string>(0),
                            .policy_string = from_json<std::string>(row.column<std::string>(1)),
                            .domain = row.column<std::string>(2),
                            .mx_hosts = from_json<std::string>(row.column<std::string>(3)),
                            .successes = row.column<std::int64_t>(4),
                            .failures = row.column<std::int64_t>(5),
                            .failure_details = from_json<TlsFailure>(row.column<std::string>(6))});
    return policies;
}

}  // namespace

db::Database open_tls_reports(const datadir::Layout& layout, const db::OpenOptions& options) {
    return open_directory_database(layout, layout.tls_reports_db(), tls_reports_schema(), options);
}

db::Database open_tls_results(const datadir::Layout& layout, const db::OpenOptions& options) {
    return open_directory_database(layout, layout.tls_results_db(), tls_results_schema(), options);
}

std::int64_t add_tls_report(db::Database& database, const TlsReport& report) {
    require_texts("TLS report", {report.domain, report.from_domain, report.mail_from, report.organization_name,
                                 report.contact_info, report.report_id});
    db::Transaction tx(database);
    database.run(
        "INSERT INTO report (domain, from_domain, mail_from, host_report, organization_name, period_begin, period_end,"
        " contact_info, report_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        report.domain, report.from_domain, report.mail_from, report.host_report, report.organization_name,
        report.period_begin, report.period_end, report.contact_info, report.report_id);
    const std::int64_t id = database.last_insert_id();
    std::int64_t number = 0;
    for (const auto& policy : report.policies) {
        require_texts("TLS report", {report.domain, policy.type, policy.domain});
        database.run(
            "INSERT INTO policy (report_id, number, type, policy_string, domain, mx_hosts, successes, failures,"
            " failure_details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            id, ++number, policy.type, to_json(policy.policy_string), policy.domain, to_json(policy.mx_hosts),
            policy.successes, policy.failures, to_json(policy.failure_details));
    }
    tx.commit();
    return id;
}

std::optional<TlsReport> tls_report(db::Database& database, std::int64_t id) {
    db::Statement row = database.prepare(
        "SELECT domain, from_domain, mail_from, host_report, organization_name, period_begin, period_end, contact_info,"
        " report_id FROM report WHERE id = ?");
    row.bind(id);
    if (!row.step()) return std::nullopt;
    return TlsReport{.id = id,
                     .domain = row.column<std::string>(0),
                     .from_domain = row.column<std::string>(1),
                     .mail_from = row.column<std::string>(2),
                     .host_report = row.column<bool>(3),
                     .organization_name = row.column<std::string>(4),
                     .period_begin = row.column<std::int64_t>(5),
                     .period_end = row.column<std::int64_t>(6),
                     .contact_info = row.column<std::string>(7),
                     .report_id = row.column<std::string>(8),
                     .policies = load_policies(database, id)};
}

std::vector<TlsReport> tls_reports(db::Database& database, const ReportFilter& filter) {
    const db::ReadTransaction snapshot(database);
    std::vector<TlsReport> reports;
    for (const std::int64_t id : report_ids(database, filter))
        if (auto report = tls_report(database, id)) reports.push_back(std::move(*report));
    return reports;
}

std::int64_t put_tls_result(db::Database& database, const TlsResult& r) {
    require_texts("TLS result", {r.policy_domain, r.day, r.recipient_domain});
    db::Transaction tx(database);
    const auto id = database.value<std::int64_t>(
        "INSERT INTO result (policy_domain, day, recipient_domain, created, updated, is_host, send_report,"
        " sent_to_recipient_domain, recipient_domain_addresses, sent_to_policy_domain, results)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (policy_domain, day, recipient_domain) DO UPDATE SET"
        " created = excluded.created, updated = excluded.updated, is_host = excluded.is_host,"
        " send_report = excluded.send_report, sent_to_recipient_domain = excluded.sent_to_recipient_domain,"
        " recipient_domain_addresses = excluded.recipient_domain_addresses,"
        " sent_to_policy_domain = excluded.sent_to_policy_domain, results = excluded.results RETURNING id",
        r.policy_domain, r.day, r.recipient_domain, r.created, r.updated, r.is_host, r.send_report,
        r.sent_to_recipient_domain, to_json(r.recipient_domain_addresses), r.sent_to_policy_domain, to_json(r.results));
    tx.commit();
    return id.value_or(0);
}

std::vector<TlsResult> tls_results(db::Database& database, std::optional<std::string_view> policy_domain) {
    db::Statement row = database.prepare(
        "SELECT id, policy_domain, day, recipient_domain, created, updated, is_host, send_report,"
        " sent_to_recipient_domain, recipient_domain_addresses, sent_to_policy_domain, results FROM result"
        " WHERE ?1 IS NULL OR policy_domain = ?1 ORDER BY id");
    row.bind(policy_domain);
    std::vector<TlsResult> result;
    while (row.step())
        result.push_back({.id = row.column<std::int64_t>(0),
                          .policy_domain = row.column<std::string>(1),
                          .day = row.column<std::string>(2),
                          .recipient_domain = row.column<std::string>(3),
                          .created = row.column<std::int64_t>(4),
                          .updated = row.column<std::int64_t>(5),
                          .is_host = row.column<bool>(6),
                          .send_report = row.column<bool>(7),
                          .sent_to_recipient_domain = row.column<bool>(8),
                          .recipient_domain_addresses = from_json<std::string>(row.column<std::string>(9)),
                          .sent_to_policy_domain = row.column<bool>(10),
                          .results = from_json<TlsPolicyResult>(row.column<std::string>(11))});
    return result;
}

}  // namespace mox::reports
