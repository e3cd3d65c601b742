#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datadir/layout.hpp"
#include "db/database.hpp"
#include "reports/dmarc.hpp"

// SMTP TLS reporting (RFC 8460): reports received, and results that wait to be reported.

namespace mox::reports {

struct TlsFailure {
    std::string result_type, sending_mta_ip, receiving_mx_hostname, receiving_mx_helo, receiving_ip;
    std::int64_t failed_session_count = 0;
    std::string additional_information, failure_reason_code;
    friend bool operator==(const TlsFailure&, const TlsFailure&) = default;
};

// How sessions under one policy went.
struct TlsPolicyResult {
    std::string type;                        // "sts", "tlsa", "no-policy-found"
    std::vector<std::string> policy_string;  // its lines
    std::string domain;
    std::vector<std::string> mx_hosts;
    std::int64_t successes = 0, failures = 0;  // sessions
    std::vector<TlsFailure> failure_details;
    friend bool operator==(const TlsPolicyResult&, const TlsPolicyResult&) = default;
};

struct TlsReport {
    std::int64_t id = 0;      // set by add
    std::string domain;       // that the report is about
    std::string from_domain;  // that sent it
    std::string mail_from;
    bool host_report = false;  // about a mail host, not a recipient domain
    std::string organization_name;
    std::int64_t period_begin = 0, period_end = 0;  // Unix seconds
    std::string contact_info, report_id;
    std::vector<TlsPolicyResult> policies;
    friend bool operator==(const TlsReport&, const TlsReport&) = default;
};

// tlsrpt.db.
[[nodiscard]] db::Database open_tls_reports(const datadir::Layout& layout, const db::OpenOptions& options);
// Returns the new id. Errc::usage when a text is not UTF-8 or there is no domain.
std::int64_t add_tls_report(db::Database& database, const TlsReport& report);
// Newest first.
[[nodiscard]] std::vector<TlsReport> tls_reports(db::Database& database, const ReportFilter& filter = {});
[[nodiscard]] std::optional<TlsReport> tls_report(db::Database& database, std::int64_t id);

// How TLS went with a policy domain's hosts on one day, for recipients of one domain.
struct TlsResult {
    std::int64_t id = 0;                    // set by put
    std::string policy_domain;              // recipient domain or mail host
    std::string day;                        // of UTC: "20261122"
    std::string recipient_domain;           // these three are unique
    std::int64_t created = 0, updated = 0;  // Unix seconds
    bool is_host = false;                   // policy_domain is a mail host
    bool send_report = false;               // worth a report by itself
    bool sent_to_recipient_domain = false;
    std::vector<std::string> recipient_domain_addresses;  // where the report went
    bool sent_to_policy_domain = false;
    std::vector<TlsPolicyResult> results;
    friend bool operator==(const TlsResult&, const TlsResult&) = default;
};

// tlsrptresult.db.
[[nodiscard]] db::Database open_tls_results(const datadir::Layout& layout, const db::OpenOptions& options);
// Adds the result, or replaces the one of the same policy domain, day and recipient domain. Returns its id.
std::int64_t put_tls_result(db::Database& database, const TlsResult& result);
// By id; of one policy domain when given.
[[nodiscard]] std::vector<TlsResult> tls_results(db::Database& database,
                                                 std::optional<std::string_view> policy_domain = {});

}  // namespace mox::reports
