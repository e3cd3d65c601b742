#include "admin/domains.hpp"

#include <catch2/catch.hpp>

#include "admin/dns_records.hpp"
#include "common/admin/fixture.hpp"
#include "keys/private_key.hpp"

using namespace mox;
using namespace mox::admin;
using test::Installation;
using test::problem_of;

namespace {

const FixedClock clock_2026(1'795'343'645);

std::string only_record(const std::vector<DnsRecord>& records, const std::string& name, const std::string& type) {
    std::string found;
    for (const auto& record : records)
        if (record.name == name && record.type == type) found += record.value + "\n";
    return found;
}

}  // namespace

TEST_CASE("a new domain has keys of which two sign, and addresses for reports", "[admin]") {
    const Installation host;
    {
        auto file = host.open();
        NewFiles made;
        CHECK(add_domain(file, {"XN--bcher-kva.Example.ORG", "ana", ""}, clock_2026, made) ==
              "b\u00fccher.example.org");
        file.save();
        made.keep();
    }
    CHECK(host.problems() == "");
    const auto config = config::load(host.file);
    const auto& domain = config.domains.domains.at("b\u00fccher.example.org");
    CHECK(domain.localpart_catchall_separator == "+");
    CHECK(domain.dkim.sign == std::vector<std::string>{"2026a", "2026b"});
    REQUIRE(domain.dkim.selectors.size() == 4);
    for (const auto& [selector, settings] : domain.dkim.selectors) {
        CHECK(settings.expiration == "72h");
        const auto key_file = host.dir / "config" / settings.private_key_file;
        const auto key = keys::PrivateKey::parse(read_file(key_file));
        const bool is_ed25519 = selector == "2026a" || selector == "2026c";
        CHECK(key.kind() == (is_ed25519 ? keys::KeyKind::ed25519 : keys::KeyKind::rsa));
        CHECK((status_of(key_file)->st_mode & 0007) == 0);
        CHECK(settings.private_key_file == "dkim/" + selector + "._domainkey.b\u00fccher.example.org.20261122T103405." +
                                               (is_ed25519 ? "ed25519" : "rsa") + "key.pkcs8.pem");
    }
    CHECK(domain.dmarc == config::DmarcReports{"dmarc-reports", "", "ana", "DMARC"});
    CHECK(domain.tlsrpt == config::TlsReports{"tls-reports", "", "ana", "TLSRPT"});
    CHECK_FALSE(domain.mtasts.has_value());  // no listener serves it
    CHECK_FALSE(config.domains.accounts.at("ana").destinations.contains("postmaster@b\u00fccher.example.org"));
    // Comments are still there.
    CHECK_THAT(host.text(), Catch::Contains("\t# Leaves in May.\n"));
}

TEST_CASE("the domain's account is made, or gets the address of the postmaster", "[admin]") {
    const Installation host;
    auto file = host.open();
    NewFiles made;
    add_domain(file, {"one.example", "carl", "info"}, clock_2026, made);
    add_domain(file, {"two.example", "ben", ""}, clock_2026, made);
    file.save();
    made.keep();
    CHECK(host.problems() == "");
    const auto config = config::load(host.file);
    CHECK(config.domains.accounts.at("carl").destinations.contains("info@one.example"));
    CHECK(config.domains.accounts.at("ben").destinations.contains("postmaster@two.example"));
    CHECK(config.domains.domains.at("two.example").dmarc->account == "ben");
}

TEST_CASE("an MTA-STS policy comes with a listener that serves it", "[admin]") {
    const Installation host;
    std::string settings = read_file(host.file);
    const auto at = settings.find("Postmaster:");
    settings.insert(at, "\t\tMTASTSHTTPS:\n\t\t\tEnabled: true\n\t\t\tNonTLS: true\n");
    host.dir.write("config/mox.conf", settings);
    auto file = host.open();
    NewFiles made;
    add_domain(file, {"one.example", "ana", ""}, clock_2026, made);
    file.save();
    made.keep();
    CHECK(host.problems() == "");
    const auto config = config::load(host.file);
    const auto& policy = config.domains.domains.at("one.example").mtasts;
    REQUIRE(policy);
    CHECK(policy->policy_id == "20261122T103405");
    CHECK(policy->mode == "enforce");
    CHECK(policy->mx == std::vector<std::string>{"mail.mox.example"});
    const auto records = dns_records(config, "one.example");
    CHECK(only_record(records, "_mta-sts.one.example.", "TXT") == "\"v=STSv1; id=20261122T103405\"\n");
    CHECK(only_record(records, "mta-sts.one.example.", "CNAME") == "mail.mox.example.\n");
}

TEST_CASE("a domain that cannot be added leaves no file", "[admin]") {
    struct Case {
        NewDomain domain;
        Errc code;
        std::string text;
    };
    const Installation host;
    for (const auto& entry : std::vector<Case>{
             {{"mox.example", "ana", ""}, Errc::failed, "domain 'mox.example' exists"},
             {{"MOX.example", "ana", ""}, Errc::failed, "exists"},
             {{"", "ana", ""}, Errc::usage, "domain ''"},
             {{"a b.example", "ana", ""}, Errc::usage, "domain 'a b.example'"},
             {{"new.example", "nobody", ""}, Errc::not_found, "no account 'nobody'"},
             {{"new.example", "ana", "ana"}, Errc::failed, "account 'ana' exists"},
             {{"new.example", "carl", "a b"}, Errc::usage, "cannot be the part"},
         }) {
        INFO(entry.text);
        auto file = host.open();
        NewFiles made;
        const auto problem = problem_of([&] { add_domain(file, entry.domain, clock_2026, made); });
        CHECK(problem.code == entry.code);
        CHECK_THAT(problem.text, Catch::Contains(entry.text));
    }
    {
        auto file = host.open();
        NewFiles made;
        add_domain(file, {"new.example", "ana", ""}, clock_2026, made);
        CHECK(host.names_in_config() == std::vector<std::string>{"dkim", "domains.conf", "mox.conf"});
    }  // not saved
    CHECK(host.names_in_config() == std::vector<std::string>{"domains.conf", "mox.conf"});
    CHECK(host.text() == Installation::domains_text);
}

TEST_CASE("a removed domain's keys are kept aside", "[admin]") {
    const Installation host;
    auto file = host.open();
    NewFiles made;
    add_domain(file, {"one.example", "ana", ""}, clock_2026, made);
    file.save();
    made.keep();
    const auto old_keys = remove_domain(file, "ONE.example");
    file.save();
    const auto moved = move_old_keys(file, old_keys);
    CHECK(moved.size() == 4);
    for (const auto& key : moved) CHECK(key.parent_path() == host.dir / "config/dkim/old");
    CHECK(list_directory(host.dir / "config/dkim").size() == 1);
    CHECK(host.text() == Installation::domains_text);
    CHECK(host.problems() == "");
}

TEST_CASE("a domain that something needs stays", "[admin]") {
    const Installation host;
    auto file = host.open();
    CHECK_THAT(problem_of([&] { (void)remove_domain(file, "mox.example"); }).text,
               Catch::Contains("domain 'mox.example' is needed: it is the domain of account"));
    CHECK(problem_of([&] { (void)remove_domain(file, "nosuch.example"); }).code == Errc::not_found);
    (void)remove_domain(file, "b\u00fccher.example");
    file.save();
    CHECK(host.problems() == "");
}

TEST_CASE("DNS records of a domain", "[admin]") {
    const Installation host;
    {
        auto file = host.open();
        NewFiles made;
        add_domain(file, {"b\u00fccher.example.org", "ana", ""}, clock_2026, made);
        file.save();
        made.keep();
    }
    const auto config = config::load(host.file);
    const auto records = dns_records(config, "xn--bcher-kva.example.org");
    const std::string name = "xn--bcher-kva.example.org.";
    CHECK(only_record(records, name, "MX") == "10 mail.mox.example.\n");
    CHECK(only_record(records, name, "TXT") == "\"v=spf1 mx ~all\"\n");
    CHECK(only_record(records, "mail.mox.example.", "TXT") == "\"v=spf1 a -all\"\n");
    CHECK(only_record(records, "_dmarc." + name, "TXT") ==
          "\"v=DMARC1;p=reject;rua=mailto:dmarc-reports@xn--bcher-kva.example.org!10m\"\n");
    CHECK(only_record(records, "_smtp._tls." + name, "TXT") ==
          "\"v=TLSRPTv1; rua=mailto:tls-reports@xn--bcher-kva.example.org\"\n");
    CHECK(only_record(records, "_pop3._tcp." + name, "SRV") == "0 0 0 .\n");
    CHECK(only_record(records, "_imaps._tcp." + name, "SRV") == "0 0 0 .\n");  // nothing but loopback listens
    CHECK(only_record(records, "_mta-sts." + name, "TXT").empty());
    const std::string ed25519 = only_record(records, "2026a._domainkey." + name, "TXT");
    CHECK(ed25519.starts_with("\"v=DKIM1;h=sha256;k=ed25519;p="));
    CHECK(ed25519.size() == 2 + 30 - 1 + 44 + 1);
    const std::string rsa = only_record(records, "2026b._domainkey." + name, "TXT");
    CHECK(rsa.starts_with("\"v=DKIM1;h=sha256;p="));
    CHECK(rsa.find("\" \"") == 256);  // 255 bytes at most in one string
    for (const auto& record : records) {
        CHECK(record.name.ends_with('.'));
        CHECK(record.name.find('\n') == std::string::npos);
    }
    const std::string zone = zone_text(records);
    CHECK(zone.starts_with("$TTL 300\n\n; "));
    CHECK_THAT(zone, Catch::Contains("\n" + name));
    CHECK(problem_of([&] { (void)dns_records(config, "nosuch.example"); }).code == Errc::not_found);
    std::filesystem::remove_all(host.dir / "config/dkim");
    CHECK_THAT(problem_of([&] { (void)dns_records(config, "b\u00fccher.example.org"); }).text,
               Catch::Contains("DKIM key '"));
}

TEST_CASE("long texts are split for DNS", "[admin]") {
    CHECK(txt_value("") == "\"\"");
    CHECK(txt_value("a\"b\\c") == R"("a\"b\\c")");
    CHECK(txt_value(std::string(255, 'x')) == "\"" + std::string(255, 'x') + "\"");
    CHECK(txt_value(std::string(256, 'x')) == "\"" + std::string(255, 'x') + "\" \"x\"");
}
