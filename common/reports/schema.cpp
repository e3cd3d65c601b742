#include <array>

#include "auth/auth_db.hpp"
#include "reports/databases.hpp"

namespace mox::reports {

namespace {

// Times are Unix seconds. Booleans are 0 and 1. Domains are lower-case Unicode. Columns "of JSON" hold lists that are
// only ever read as a whole: arrays of strings, or of objects whose members are the fields in dmarc.hpp and tls.hpp.
// A seal covers every other column of its row.
constexpr std::string_view dmarc_reports_1 = R"sql(
-- Aggregate reports received (RFC 7489, appendix C).
CREATE TABLE report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,                     -- that the report is about
    from_domain TEXT NOT NULL,                -- that sent it
    xml_namespace TEXT NOT NULL,              -- of the element <feedback>
    xml_name TEXT NOT NULL,
    version TEXT NOT NULL,
    org_name TEXT NOT NULL,
    email TEXT NOT NULL,
    extra_contact_info TEXT NOT NULL,
    report_id TEXT NOT NULL,
    period_begin INTEGER NOT NULL,
    period_end INTEGER NOT NULL,
    errors TEXT NOT NULL,                     -- JSON
    policy_domain TEXT NOT NULL,              -- the policy published, as the reporter saw it
    policy_adkim TEXT NOT NULL,
    policy_aspf TEXT NOT NULL,
    policy_p TEXT NOT NULL,
    policy_sp TEXT NOT NULL,
    policy_pct INTEGER NOT NULL,
    policy_fo TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('report', id, domain, from_domain, xml_namespace, xml_name,
        version, org_name, email, extra_contact_info, report_id, period_begin, period_end, errors, policy_domain,
        policy_adkim, policy_aspf, policy_p, policy_sp, policy_pct, policy_fo)) STORED
) STRICT;
CREATE INDEX report_domain ON report (domain, period_begin);
CREATE INDEX report_from_domain ON report (from_domain);
CREATE INDEX report_period ON report (period_begin);

CREATE TABLE record (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                  -- 1, 2, … as in the report
    source_ip TEXT NOT NULL,
    count INTEGER NOT NULL,                   -- messages
    disposition TEXT NOT NULL,
    dkim TEXT NOT NULL,
    spf TEXT NOT NULL,
    reasons TEXT NOT NULL,                    -- JSON
    envelope_to TEXT NOT NULL,
    envelope_from TEXT NOT NULL,
    header_from TEXT NOT NULL,
    dkim_results TEXT NOT NULL,               -- JSON
    spf_results TEXT NOT NULL,                -- JSON
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('record', report_id, number, source_ip, count, disposition,
        dkim, spf, reasons, envelope_to, envelope_from, header_from, dkim_results, spf_results)) STORED,
    PRIMARY KEY (report_id, number)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view dmarc_evaluations_1 = R"sql(
-- What came of the DMARC policies of other domains, one row for each message received, until it is reported.
CREATE TABLE evaluation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    policy_domain TEXT NOT NULL,              -- where the policy was found
    evaluated INTEGER NOT NULL,
    optional INTEGER NOT NULL,                -- 1: not worth a report by itself
    interval_hours INTEGER NOT NULL,          -- between reports, as asked for
    addresses TEXT NOT NULL,                  -- JSON: where reports go
    published_domain TEXT NOT NULL,
    published_adkim TEXT NOT NULL,
    published_aspf TEXT NOT NULL,
    published_p TEXT NOT NULL,
    published_sp TEXT NOT NULL,
    published_pct INTEGER NOT NULL,
    published_fo TEXT NOT NULL,
    source_ip TEXT NOT NULL,
    disposition TEXT NOT NULL,
    aligned_dkim_pass INTEGER NOT NULL,
    aligned_spf_pass INTEGER NOT NULL,
    override_reasons TEXT NOT NULL,           -- JSON
    envelope_to TEXT NOT NULL,
    envelope_from TEXT NOT NULL,
    header_from TEXT NOT NULL,
    dkim_results TEXT NOT NULL,               -- JSON
    spf_results TEXT NOT NULL,                -- JSON
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('evaluation', id, policy_domain, evaluated, optional,
        interval_hours, addresses, published_domain, published_adkim, published_aspf, published_p, published_sp,
        published_pct, published_fo, source_ip, disposition, aligned_dkim_pass, aligned_spf_pass, override_reasons,
        envelope_to, envelope_from, header_from, dkim_results, spf_results)) STORED
) STRICT;
CREATE INDEX evaluation_policy_domain ON evaluation (policy_domain, evaluated);

-- Addresses that reports are not sent to for a while.
CREATE TABLE suppressed_address (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    inserted INTEGER NOT NULL,
    reporting_address TEXT NOT NULL UNIQUE,
    until INTEGER NOT NULL,
    comment TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('suppressed_address', id, inserted, reporting_address, until,
        comment)) STORED
) STRICT;
)sql";

constexpr std::string_view tls_reports_1 = R"sql(
-- SMTP TLS reports received (RFC 8460).
CREATE TABLE report (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    domain TEXT NOT NULL,                     -- that the report is about
    from_domain TEXT NOT NULL,                -- that sent it
    mail_from TEXT NOT NULL,
    host_report INTEGER NOT NULL,             -- 1: about a mail host, not a recipient domain
    organization_name TEXT NOT NULL,
    period_begin INTEGER NOT NULL,
    period_end INTEGER NOT NULL,
    contact_info TEXT NOT NULL,
    report_id TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('report', id, domain, from_domain, mail_from, host_report,
        organization_name, period_begin, period_end, contact_info, report_id)) STORED
) STRICT;
CREATE INDEX report_domain ON report (domain, period_begin);
CREATE INDEX report_period ON report (period_begin);

CREATE TABLE policy (
    report_id INTEGER NOT NULL REFERENCES report (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                  -- 1, 2, … as in the report
    type TEXT NOT NULL,                       -- "sts", "tlsa", "no-policy-found"
    policy_string TEXT NOT NULL,              -- JSON: lines of the policy
    domain TEXT NOT NULL,
    mx_hosts TEXT NOT NULL,                   -- JSON
    successes INTEGER NOT NULL,               -- sessions
    failures INTEGER NOT NULL,
    failure_details TEXT NOT NULL,            -- JSON
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('policy', report_id, number, type, policy_string, domain,
        mx_hosts, successes, failures, failure_details)) STORED,
    PRIMARY KEY (report_id, number)
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view tls_results_1 = R"sql(
-- How TLS went with other domains, one row for each day and pair of domains, until it is reported.
CREATE TABLE result (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    policy_domain TEXT NOT NULL,              -- recipient domain or mail host
    day TEXT NOT NULL,                        -- of UTC: "20261122"
    recipient_domain TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    is_host INTEGER NOT NULL,                 -- 1: policy_domain is a mail host
    send_report INTEGER NOT NULL,             -- 1: worth a report by itself
    sent_to_recipient_domain INTEGER NOT NULL,
    recipient_domain_addresses TEXT NOT NULL, -- JSON: where the report went
    sent_to_policy_domain INTEGER NOT NULL,
    results TEXT NOT NULL,                    -- JSON: objects as the rows of policy in tlsrpt.db
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('result', id, policy_domain, day, recipient_domain, created,
        updated, is_host, send_report, sent_to_recipient_domain, recipient_domain_addresses, sent_to_policy_domain,
        results)) STORED
) STRICT;
CREATE UNIQUE INDEX result_policy_domain ON result (policy_domain, day, recipient_domain);
CREATE INDEX result_recipient_domain ON result (recipient_domain, day);

-- Addresses that reports are not sent to for a while.
CREATE TABLE suppressed_address (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    inserted INTEGER NOT NULL,
    reporting_address TEXT NOT NULL UNIQUE,
    until INTEGER NOT NULL,
    comment TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('suppressed_address', id, inserted, reporting_address, until,
        comment)) STORED
) STRICT;
)sql";

constexpr std::string_view mta_sts_1 = R"sql(
-- MTA-STS policies of other domains (RFC 8461), and failures to get one.
CREATE TABLE policy (
    domain TEXT PRIMARY KEY,
    inserted INTEGER NOT NULL,
    valid_end INTEGER NOT NULL,
    last_update INTEGER NOT NULL,             -- when it was last fetched, or tried
    last_use INTEGER NOT NULL,
    backoff INTEGER NOT NULL,                 -- 1: there is no policy, only a failure not to be repeated at once
    record_id TEXT NOT NULL,                  -- "id" of the DNS record
    version TEXT NOT NULL,
    mode TEXT NOT NULL,                       -- "enforce", "testing", "none"
    mx TEXT NOT NULL,                         -- JSON: patterns, "mail.example" or "*.example"
    max_age INTEGER NOT NULL,                 -- seconds
    extensions TEXT NOT NULL,                 -- JSON: objects with key and value
    policy_text TEXT NOT NULL,                -- as fetched
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('policy', domain, inserted, valid_end, last_update, last_use,
        backoff, record_id, version, mode, mx, max_age, extensions, policy_text)) STORED
) STRICT, WITHOUT ROWID;
CREATE INDEX policy_last_use ON policy (last_use);
)sql";

using Steps = std::array<std::string_view, 1>;
constexpr Steps dmarc_reports_steps{dmarc_reports_1};
constexpr Steps dmarc_evaluations_steps{dmarc_evaluations_1};
constexpr Steps tls_reports_steps{tls_reports_1};
constexpr Steps tls_results_steps{tls_results_1};
constexpr Steps mta_sts_steps{mta_sts_1};

constexpr db::Schema dmarc_reports{
    .application_id = 0x6d6f7844, .kind = "database of DMARC reports", .steps = dmarc_reports_steps};
constexpr db::Schema dmarc_evaluations{
    .application_id = 0x6d6f7845, .kind = "database of DMARC evaluations", .steps = dmarc_evaluations_steps};
constexpr db::Schema tls_reports{
    .application_id = 0x6d6f7854, .kind = "database of TLS reports", .steps = tls_reports_steps};
constexpr db::Schema tls_results{
    .application_id = 0x6d6f7852, .kind = "database of TLS results", .steps = tls_results_steps};
constexpr db::Schema mta_sts{
    .application_id = 0x6d6f7853, .kind = "database of MTA-STS policies", .steps = mta_sts_steps};

using datadir::Layout;
constexpr std::array databases{
    DirectoryDatabase{"auth.db", auth::auth_schema, &Layout::auth_db},
    DirectoryDatabase{"dmarceval.db", dmarc_evaluations_schema, &Layout::dmarc_evaluations_db},
    DirectoryDatabase{"dmarcrpt.db", dmarc_reports_schema, &Layout::dmarc_reports_db},
    DirectoryDatabase{"mtasts.db", mta_sts_schema, &Layout::mta_sts_db},
    DirectoryDatabase{"tlsrpt.db", tls_reports_schema, &Layout::tls_reports_db},
    DirectoryDatabase{"tlsrptresult.db", tls_results_schema, &Layout::tls_results_db},
};

}  // namespace

const db::Schema& dmarc_reports_schema() {
    return dmarc_reports;
}
const db::Schema& dmarc_evaluations_schema() {
    return dmarc_evaluations;
}
const db::Schema& tls_reports_schema() {
    return tls_reports;
}
const db::Schema& tls_results_schema() {
    return tls_results;
}
const db::Schema& mta_sts_schema() {
    return mta_sts;
}

db::Database open_directory_database(const Layout& layout, const std::filesystem::path& path, const db::Schema& schema,
                                     const db::OpenOptions& options) {
    db::OpenOptions chosen = options;
    chosen.ownership = datadir::ownership_of(layout.root());
    return db::open(path, schema, chosen);
}

std::span<const DirectoryDatabase> directory_databases() {
    return databases;
}

}  // namespace mox::reports
