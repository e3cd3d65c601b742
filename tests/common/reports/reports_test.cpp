#include <catch2/catch.hpp>
#include <set>

#include "reports/databases.hpp"
#include "reports/dmarc.hpp"
#include "reports/mta_sts.hpp"
#include "reports/tls.hpp"
#include "support/database_checks.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::reports;

namespace {

struct Fixture {
    test::TempDir dir;
    datadir::Layout layout = datadir::create(dir / "data");
    db::OpenOptions create{.access = db::Access::create};
};

DmarcReport dmarc_example() {
    return {.domain = "mox.example",
            .from_domain = "reporter.example",
            .xml_namespace = "urn:x",
            .xml_name = "feedback",
            .version = "1.0",
            .org_name = "Größe GmbH",
            .email = "dmarc@reporter.example",
            .extra_contact_info = "https://x",
            .report_id = "17",
            .period_begin = 1000,
            .period_end = 2000,
            .errors = {"first \"quoted\"", ""},
            .policy = {"mox.example", "r", "s", "reject", "none", 50, "1:d"},
            .records = {{.source_ip = "192.0.2.1",
                         .count = 7,
                         .disposition = "none",
                         .dkim = "pass",
                         .spf = "fail",
                         .reasons = {{"forwarded", "list"}},
                         .envelope_to = "x.example",
                         .envelope_from = "y.example",
                         .header_from = "mox.example",
                         .dkim_results = {{"mox.example", "sel", "pass", "good"}, {"b.example", "", "fail", ""}},
                         .spf_results = {{"y.example", "mfrom", "fail"}}},
                        {.source_ip = "2001:db8::1", .count = 1}}};
}

TlsPolicyResult policy_example() {
    return {.type = "sts",
            .policy_string = {"version: STSv1", "mode: testing"},
            .domain = "mox.example",
            .mx_hosts = {"*.mox.example"},
            .successes = 5'000'000'000,
            .failures = 2,
            .failure_details = {{.result_type = "starttls-not-supported",
                                 .sending_mta_ip = "192.0.2.1",
                                 .receiving_mx_hostname = "mx.mox.example",
                                 .receiving_mx_helo = "helo",
                                 .receiving_ip = "192.0.2.2",
                                 .failed_session_count = 2,
                                 .additional_information = "more",
                                 .failure_reason_code = "code"}}};
}

}  // namespace

TEST_CASE("a DMARC report comes back as it was added", "[reports]") {
    const Fixture f;
    auto database = open_dmarc_reports(f.layout, f.create);
    DmarcReport report = dmarc_example();
    report.id = add_dmarc_report(database, report);
    CHECK(dmarc_report(database, report.id) == report);
    CHECK_FALSE(dmarc_report(database, 99));
    CHECK(test::problems_of(database).empty());
}

TEST_CASE("DMARC reports are listed newest first, by domain and period", "[reports]") {
    const Fixture f;
    auto database = open_dmarc_reports(f.layout, f.create);
    for (const auto& [domain, begin] :
         {std::pair("a.example", 3000), std::pair("b.example", 1000), std::pair("a.example", 2000)}) {
        DmarcReport report = dmarc_example();
        report.domain = domain;
        report.period_begin = begin;
        report.period_end = begin + 1000;
        add_dmarc_report(database, report);
    }
    const auto ids = [&](const ReportFilter& filter) {
        std::vector<std::int64_t> found;
        for (const auto& report : dmarc_reports(database, filter)) found.push_back(report.id);
        return found;
    };
    using Ids = std::vector<std::int64_t>;
    CHECK(ids({}) == Ids{1, 3, 2});
    CHECK(ids({.domain = "a.example"}) == Ids{1, 3});
    CHECK(ids({.since = 2000}) == Ids{1, 3});
    CHECK(ids({.until = 3000}) == Ids{3, 2});
    CHECK(ids({.limit = 1}) == Ids{1});
    CHECK(ids({.domain = "c.example"}).empty());
}

TEST_CASE("a report that cannot be stored is refused and leaves nothing", "[reports]") {
    const Fixture f;
    auto dmarc = open_dmarc_reports(f.layout, f.create);
    auto tls = open_tls_reports(f.layout, f.create);
    auto sts = open_mta_sts(f.layout, f.create);
    struct Row {
        void (*spoil)(DmarcReport&);
    };
    for (const auto& row : std::initializer_list<Row>{
             {[](DmarcReport& r) { r.domain.clear(); }},
             {[](DmarcReport& r) { r.org_name = "\xff"; }},
             {[](DmarcReport& r) { r.policy.adkim = "\xc3"; }},
             {[](DmarcReport& r) { r.errors.emplace_back("\xff"); }},
             {[](DmarcReport& r) { r.records[1].header_from = "\xff"; }},
             {[](DmarcReport& r) {
                 r.records[1].spf_results.push_back({"\xff", "", ""});
             }},
         }) {
        DmarcReport report = dmarc_example();
        row.spoil(report);
        CHECK(test::error_of([&] { add_dmarc_report(dmarc, report); }) == Errc::usage);
    }
    CHECK(dmarc.value<int>("SELECT count(*) FROM report") == 0);
    CHECK(test::error_of([&] { add_tls_report(tls, {}); }) == Errc::usage);
    TlsPolicyResult bad = policy_example();
    bad.failure_details[0].receiving_ip = "\xff";
    CHECK(test::error_of([&] {
              add_tls_report(tls, {.domain = "a.example", .policies = {policy_example(), bad}});
          }) == Errc::usage);
    CHECK(tls.value<int>("SELECT count(*) FROM report") == 0);
    CHECK(test::error_of([&] { put_mta_sts_policy(sts, {}); }) == Errc::usage);
    CHECK(test::error_of([&] { put_mta_sts_policy(sts, {.domain = "a.example", .mx = {"\xff"}}); }) == Errc::usage);
}

TEST_CASE("a TLS report comes back as it was added", "[reports]") {
    const Fixture f;
    auto database = open_tls_reports(f.layout, f.create);
    TlsReport report{.domain = "mox.example",
                     .from_domain = "reporter.example",
                     .mail_from = "tls@reporter.example",
                     .host_report = true,
                     .organization_name = "Org",
                     .period_begin = 1000,
                     .period_end = 2000,
                     .contact_info = "c",
                     .report_id = "r",
                     .policies = {policy_example(), {.type = "no-policy-found"}}};
    report.id = add_tls_report(database, report);
    CHECK(tls_report(database, report.id) == report);
    CHECK(tls_reports(database, {.domain = "mox.example"}).size() == 1);
    CHECK(tls_reports(database, {.since = 2000}).empty());
    CHECK(test::problems_of(database).empty());
}

TEST_CASE("a TLS result replaces the one of the same day and domains", "[reports]") {
    const Fixture f;
    auto database = open_tls_results(f.layout, f.create);
    TlsResult result{.policy_domain = "mx.example",
                     .day = "20261122",
                     .recipient_domain = "a.example",
                     .created = 1,
                     .updated = 2,
                     .is_host = true,
                     .recipient_domain_addresses = {"mailto:x@a.example"},
                     .results = {policy_example()}};
    result.id = put_tls_result(database, result);
    result.updated = 3;
    result.send_report = true;
    CHECK(put_tls_result(database, result) == result.id);
    CHECK(tls_results(database) == std::vector{result});
    TlsResult other = result;
    other.day = "20261123";
    CHECK(put_tls_result(database, other) != result.id);
    CHECK(tls_results(database, "mx.example").size() == 2);
    CHECK(tls_results(database, "a.example").empty());
    CHECK(test::problems_of(database).empty());
}

TEST_CASE("a DMARC evaluation comes back as it was added", "[reports]") {
    const Fixture f;
    auto database = open_dmarc_evaluations(f.layout, f.create);
    const DmarcReport example = dmarc_example();
    DmarcEvaluation evaluation{.policy_domain = "mox.example",
                               .evaluated = 1000,
                               .optional = true,
                               .interval_hours = 12,
                               .addresses = {"mailto:a@x", "mailto:b@x"},
                               .published = example.policy,
                               .source_ip = "192.0.2.1",
                               .disposition = "none",
                               .aligned_dkim_pass = true,
                               .override_reasons = example.records[0].reasons,
                               .envelope_to = "t",
                               .envelope_from = "f",
                               .header_from = "h",
                               .dkim_results = example.records[0].dkim_results,
                               .spf_results = example.records[0].spf_results};
    evaluation.id = add_dmarc_evaluation(database, evaluation);
    CHECK(dmarc_evaluations(database) == std::vector{evaluation});
    CHECK(dmarc_evaluations(database, "other.example").empty());
    database.run(
        "INSERT INTO suppressed_address (inserted, reporting_address, until, comment) VALUES (1, 'a@x', 2, 'c')");
    CHECK(test::problems_of(database).empty());
}

TEST_CASE("an MTA-STS policy replaces its domain's former one", "[reports]") {
    const Fixture f;
    auto database = open_mta_sts(f.layout, f.create);
    MtaStsPolicy policy{.domain = "mox.example",
                        .inserted = 1,
                        .valid_end = 2,
                        .last_update = 3,
                        .last_use = 4,
                        .record_id = "id",
                        .version = "STSv1",
                        .mode = "enforce",
                        .mx = {"mail.mox.example", "*.mox.example"},
                        .max_age = 86400,
                        .extensions = {{"b", "1"}, {"a", "2"}},
                        .policy_text = "version: STSv1\r\n"};
    put_mta_sts_policy(database, policy);
    CHECK(mta_sts_policy(database, "mox.example") == policy);
    policy.mx.clear();
    policy.backoff = true;
    put_mta_sts_policy(database, policy);
    CHECK(mta_sts_policies(database) == std::vector{policy});
    CHECK(test::problems_of(database).empty());
    CHECK(remove_mta_sts_policy(database, "mox.example"));
    CHECK_FALSE(mta_sts_policy(database, "mox.example"));
}

TEST_CASE("a list that is not the JSON expected is reported as corrupt", "[reports]") {
    const Fixture f;
    auto database = open_mta_sts(f.layout, f.create);
    put_mta_sts_policy(database, {.domain = "mox.example"});
    for (const std::string_view text : {"", "{}", "[1]", "[", "[[\"a\"]]", "null"}) {
        INFO(text);
        database.run("UPDATE policy SET mx = ?", text);
        CHECK(test::error_of([&] { (void)mta_sts_policies(database); }) == Errc::corrupt);
    }
    database.run("UPDATE policy SET mx = '[]', extensions = '[7]'");
    CHECK(test::error_of([&] { (void)mta_sts_policies(database); }) == Errc::corrupt);
}

TEST_CASE("every database below a data directory has its name, its kind and a schema with seals", "[reports]") {
    const Fixture f;
    std::set<std::uint32_t> kinds;
    for (const auto& kind : directory_databases()) {
        INFO(kind.name);
        CHECK(kinds.insert(kind.schema().application_id).second);
        CHECK((f.layout.*kind.path)() == f.layout.root() / kind.name);
        auto database = open_directory_database(f.layout, (f.layout.*kind.path)(), kind.schema(), f.create);
        CHECK(test::problems_of(database).empty());
        if (kind.name != "auth.db") CHECK(test::tables_without_seal(database).empty());
        CHECK(test::schema_trouble(f.dir / kind.name, kind.schema()).empty());
    }
    CHECK(kinds.size() == 6);
}
