#include "reports/dmarc.hpp"

#include "reports/databases.hpp"
#include "reports/json.hpp"

namespace mox::reports {

namespace {

void require_valid(const DmarcReport& report) {
    const PublishedPolicy& p = report.policy;
    require_texts("DMARC report",
                  {report.domain, report.from_domain, report.xml_namespace, report.xml_name, report.version,
                   report.org_name, report.email, report.extra_contact_info, report.report_id, p.domain, p.adkim,
                   p.aspf, p.policy, p.subdomain_policy, p.reporting_options});
    for (const auto& r : report.records)
        require_texts("DMARC report", {report.domain, r.source_ip, r.disposition, r.dkim, r.spf, r.envelope_to,
                                       r.envelope_from, r.header_from});
}

void insert_record(db::Database& database, std::int64_t report_id, std::int64_t number, const DmarcRecord& record) {
    database.run(
        "INSERT INTO record (report_id, number, source_ip, count, disposition, dkim, spf, reasons, envelope_to,"
        " envelope_from, header_from, dkim_results, spf_results) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        report_id, number, record.source_ip, record.count, record.disposition, record.dkim, record.spf,
        to_json(record.reasons), record.envelope_to, record.envelope_from, record.header_from,
        to_json(record.dkim_results), to_json(record.spf_results));
}

PublishedPolicy policy_at(const db::Statement& row, int first) {
    return {.domain = row.column<std::string>(first),
            .adkim = row.column<std::string>(first + 1),
            .aspf = row.column<std::string>(first + 2),
            .policy = row.column<std::string>(first + 3),
            .subdomain_policy = row.column<std::string>(first + 4),
            .percentage = row.column<int>(first + 5),
            .reporting_options = row.column<std::string>(first + 6)};
}

std::vector<DmarcRecord> load_records(db::Database& database, std::int64_t report_id) {
    db::Statement row = database.prepare(
        "SELECT source_ip, count, disposition, dkim, spf, reasons, envelope_to, envelope_from, header_from,"
        " dkim_results, spf_results FROM record WHERE report_id = ? ORDER BY number");
    row.bind(report_id);
    std::vector<DmarcRecord> records;
    while (row.step())
        records.push_back({.source_ip = row.column<std::string>(0),
                           .count = row.column<std::int64_t>(1),
                           .disposition = row.column<std::string>(2),
                           .dkim = row.column<std::string>(3),
                           .spf = row.column<std::string>(4),
                           .reasons = from_json<OverrideReason>(row.column<std::string>(5)),
                           .envelope_to = row.column<std::string>(6),
                           .envelope_from = row.column<std::string>(7),
                           .header_from = row.column<std::string>(8),
                           .dkim_results = from_json<DkimResult>(row.column<std::string>(9)),
                           .spf_results = from_json<SpfResult>(row.column<std::string>(10))});
    return records;
}

}  // namespace

db::Database open_dmarc_reports(const datadir::Layout& layout, const db::OpenOptions& options) {
    return open_directory_database(layout, layout.dmarc_reports_db(), dmarc_reports_schema(), options);
}

db::Database open_dmarc_evaluations(const datadir::Layout& layout, const db::OpenOptions& options) {
    return open_directory_database(layout, layout.dmarc_evaluations_db(), dmarc_evaluations_schema(), options);
}

std::int64_t add_dmarc_report(db::Database& database, const DmarcReport& report) {
    require_valid(report);
    const PublishedPolicy& policy = report.policy;
    db::Transaction tx(database);
    database.run(
        "INSERT INTO report (domain, from_domain, xml_namespace, xml_name, version, org_name, email,"
        " extra_contact_info, report_id, period_begin, period_end, errors, policy_domain, policy_adkim, policy_aspf,"
        " policy_p, policy_sp, policy_pct, policy_fo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        report.domain, report.from_domain, report.xml_namespace, report.xml_name, report.version, report.org_name,
        report.email, report.extra_contact_info, report.report_id, report.period_begin, report.period_end,
        to_json(report.errors), policy.domain, policy.adkim, policy.aspf, policy.policy, policy.subdomain_policy,
        policy.percentage, policy.reporting_options);
    const std::int64_t id = database.last_insert_id();
    std::int64_t number = 0;
    for (const auto& record : report.records) insert_record(database, id, ++number, record);
    tx.commit();
    return id;
}

std::optional<DmarcReport> dmarc_report(db::Database& database, std::int64_t id) {
    db::Statement row = database.prepare(
        "SELECT domain, from_domain, xml_namespace, xml_name, version, org_name, email, extra_contact_info, report_id,"
        " period_begin, period_end, errors, policy_domain, policy_adkim, policy_aspf, policy_p, policy_sp, policy_pct,"
        " policy_fo FROM report WHERE id = ?");
    row.bind(id);
    if (!row.step()) return std::nullopt;
    return DmarcReport{.id = id,
                       .domain = row.column<std::string>(0),
                       .from_domain = row.column<std::string>(1),
                       .xml_namespace = row.column<std::string>(2),
                       .xml_name = row.column<std::string>(3),
                       .version = row.column<std::string>(4),
                       .org_name = row.column<std::string>(5),
                       .email = row.column<std::string>(6),
                       .extra_contact_info = row.column<std::string>(7),
                       .report_id = row.column<std::string>(8),
                       .period_begin = row.column<std::int64_t>(9),
                       .period_end = row.column<std::int64_t>(10),
                       .errors = from_json<std::string>(row.column<std::string>(11)),
                       .policy = policy_at(row, 12),
                       .records = load_records(database, id)};
}

std::vector<std::int64_t> report_ids(db::Database& database, const ReportFilter& filter) {
    std::vector<std::int64_t> ids;
    for (const auto& [id] : database.rows<std::int64_t>(
             "SELECT id FROM report WHERE (?1 IS NULL OR domain = ?1) AND (?2 IS NULL OR period_end > ?2)"
             " AND (?3 IS NULL OR period_begin < ?3) ORDER BY period_begin DESC, id DESC LIMIT ?4",
             filter.domain, filter.since, filter.until, filter.limit > 0 ? filter.limit : -1))
        ids.push_back(id);
    return ids;
}

std::vector<DmarcReport> dmarc_reports(db::Database& database, const ReportFilter& filter) {
    const db::ReadTransaction snapshot(database);
    std::vector<DmarcReport> reports;
    for (const std::int64_t id : report_ids(database, filter))
        if (auto report = dmarc_report(database, id)) reports.push_back(std::move(*report));
    return reports;
}

std::int64_t add_dmarc_evaluation(db::Database& database, const DmarcEvaluation& e) {
    require_texts("DMARC evaluation", {e.policy_domain, e.published.domain, e.published.adkim, e.published.aspf,
                                       e.published.policy, e.published.subdomain_policy, e.published.reporting_options,
                                       e.source_ip, e.disposition, e.envelope_to, e.envelope_from, e.header_from});
    db::Transaction tx(database);
    database.run(
        "INSERT INTO evaluation (policy_domain, evaluated, optional, interval_hours, addresses, published_domain,"
        " published_adkim, published_aspf, published_p, published_sp, published_pct, published_fo, source_ip,"
        " disposition, aligned_dkim_pass, aligned_spf_pass, override_reasons, envelope_to, envelope_from, header_from,"
        " dkim_results, spf_results) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        e.policy_domain, e.evaluated, e.optional, e.interval_hours, to_json(e.addresses), e.published.domain,
        e.published.adkim, e.published.aspf, e.published.policy, e.published.subdomain_policy, e.published.percentage,
        e.published.reporting_options, e.source_ip, e.disposition, e.aligned_dkim_pass, e.aligned_spf_pass,
        to_json(e.override_reasons), e.envelope_to, e.envelope_from, e.header_from, to_json(e.dkim_results),
        to_json(e.spf_results));
    const std::int64_t id = database.last_insert_id();
    tx.commit();
    return id;
}

std::vector<DmarcEvaluation> dmarc_evaluations(db::Database& database, std::optional<std::string_view> policy_domain) {
    db::Statement row = database.prepare(
        "SELECT id, policy_domain, evaluated, optional, interval_hours, addresses, published_domain, published_adkim,"
        " published_aspf, published_p, published_sp, published_pct, published_fo, source_ip, disposition,"
        " aligned_dkim_pass, aligned_spf_pass, override_reasons, envelope_to, envelope_from, header_from, dkim_results,"
        " spf_results FROM evaluation WHERE ?1 IS NULL OR policy_domain = ?1 ORDER BY id");
    row.bind(policy_domain);
    std::vector<DmarcEvaluation> result;
    while (row.step())
        result.push_back({.id = row.column<std::int64_t>(0),
                          .policy_domain = row.column<std::string>(1),
                          .evaluated = row.column<std::int64_t>(2),
                          .optional = row.column<bool>(3),
                          .interval_hours = row.column<int>(4),
                          .addresses = from_json<std::string>(row.column<std::string>(5)),
                          .published = policy_at(row, 6),
                          .source_ip = row.column<std::string>(13),
                          .disposition = row.column<std::string>(14),
                          .aligned_dkim_pass = row.column<bool>(15),
                          .aligned_spf_pass = row.column<bool>(16),
                          .override_reasons = from_json<OverrideReason>(row.column<std::string>(17)),
                          .envelope_to = row.column<std::string>(18),
                          .envelope_from = row.column<std::string>(19),
                          .header_from = row.column<std::string>(20),
                          .dkim_results = from_json<DkimResult>(row.column<std::string>(21)),
                          .spf_results = from_json<SpfResult>(row.column<std::string>(22))});
    return result;
}

}  // namespace mox::reports
