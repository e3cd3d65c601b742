#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datadir/layout.hpp"
#include "db/database.hpp"

// DMARC (RFC 7489): reports received, and evaluations that wait to be reported. Fields are as in the XML of appendix C.

namespace mox::reports {

struct PublishedPolicy {
    std::string domain;
    std::string adkim, aspf;               // "r", "s" or empty
    std::string policy, subdomain_policy;  // "none", "quarantine", "reject" or empty
    int percentage = 0;
    std::string reporting_options;  // fo
    friend bool operator==(const PublishedPolicy&, const PublishedPolicy&) = default;
};
struct OverrideReason {
    std::string type, comment;
    friend bool operator==(const OverrideReason&, const OverrideReason&) = default;
};
struct DkimResult {
    std::string domain, selector, result, human_result;
    friend bool operator==(const DkimResult&, const DkimResult&) = default;
};
struct SpfResult {
    std::string domain, scope, result;
    friend bool operator==(const SpfResult&, const SpfResult&) = default;
};

struct DmarcRecord {
    std::string source_ip;
    std::int64_t count = 0;  // messages
    std::string disposition, dkim, spf;
    std::vector<OverrideReason> reasons;
    std::string envelope_to, envelope_from, header_from;
    std::vector<DkimResult> dkim_results;
    std::vector<SpfResult> spf_results;
    friend bool operator==(const DmarcRecord&, const DmarcRecord&) = default;
};

struct DmarcReport {
    std::int64_t id = 0;      // set by add
    std::string domain;       // that the report is about
    std::string from_domain;  // that sent it
    std::string xml_namespace, xml_name, version;
    std::string org_name, email, extra_contact_info, report_id;
    std::int64_t period_begin = 0, period_end = 0;  // Unix seconds
    std::vector<std::string> errors;
    PublishedPolicy policy;
    std::vector<DmarcRecord> records;
    friend bool operator==(const DmarcReport&, const DmarcReport&) = default;
};

// dmarcrpt.db.
[[nodiscard]] db::Database open_dmarc_reports(const datadir::Layout& layout, const db::OpenOptions& options);
// Returns the new id. Errc::usage when a text is not UTF-8 or there is no domain.
std::int64_t add_dmarc_report(db::Database& database, const DmarcReport& report);
// Which reports to list; those whose period overlaps the one given, newest first.
struct ReportFilter {
    std::optional<std::string> domain;
    std::optional<std::int64_t> since, until;  // Unix seconds; until is not included
    int limit = 0;                             // 0: all
};
[[nodiscard]] std::vector<DmarcReport> dmarc_reports(db::Database& database, const ReportFilter& filter = {});
[[nodiscard]] std::optional<DmarcReport> dmarc_report(db::Database& database, std::int64_t id);

// One message evaluated against another domain's policy.
struct DmarcEvaluation {
    std::int64_t id = 0;  // set by add
    std::string policy_domain;
    std::int64_t evaluated = 0;  // Unix seconds
    bool optional = false;       // not worth a report by itself
    int interval_hours = 24;
    std::vector<std::string> addresses;  // where reports go
    PublishedPolicy published;
    std::string source_ip, disposition;
    bool aligned_dkim_pass = false, aligned_spf_pass = false;
    std::vector<OverrideReason> override_reasons;
    std::string envelope_to, envelope_from, header_from;
    std::vector<DkimResult> dkim_results;
    std::vector<SpfResult> spf_results;
    friend bool operator==(const DmarcEvaluation&, const DmarcEvaluation&) = default;
};

// dmarceval.db.
[[nodiscard]] db::Database open_dmarc_evaluations(const datadir::Layout& layout, const db::OpenOptions& options);
std::int64_t add_dmarc_evaluation(db::Database& database, const DmarcEvaluation& evaluation);
// By id; of one policy domain when given.
[[nodiscard]] std::vector<DmarcEvaluation> dmarc_evaluations(db::Database& database,
                                                             std::optional<std::string_view> policy_domain = {});

}  // namespace mox::reports
