#include "config/validate.hpp"

#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::config;

namespace {

const std::filesystem::path samples = std::filesystem::path(MOX_TESTDATA) / "config";

// Both files of the sample of a set-up host, which is without fault.
struct Files {
    std::string settings = read_file(samples / "quickstart" / "mox.conf");
    std::string domains = read_file(samples / "quickstart" / "domains.conf");
};

// "mox.conf:12: message; hint" for each problem.
std::vector<std::string> problems_of(const Files& files, const ValidateOptions& options = {.check_files = false}) {
    const test::TempDir dir;
    const auto file = dir.write("mox.conf", files.settings);
    dir.write("domains.conf", files.domains);
    Config config = read(file);
    validate(config, options);
    std::vector<std::string> found;
    for (const auto& problem : config.problems) {
        std::string text = sconf::render(problem.problem, problem.file.filename().native());
        // Whether there is such a user depends on the host.
        if (text.find("there is no user 'mox' on this host") == std::string::npos) found.push_back(std::move(text));
    }
    return found;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
}

// Line `number` of what a replacement made of a text.
std::size_t line_of(const std::string& text, std::string_view part) {
    const auto at = text.find(part);
    REQUIRE(at != std::string::npos);
    return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

struct Row {
    std::string from, to;  // of the file; an empty `from` appends
    std::string at;        // text that begins in the line that is to be named
    std::string message;   // what the problem says; empty: nothing is wrong
};

void check_rows(std::string Files::*which, const std::string& name, const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        Files files;
        std::string& text = files.*which;
        if (row.from.empty())
            text += row.to;
        else
            replace(text, row.from, row.to);
        const auto found = problems_of(files);
        INFO(row.to << " gives " << Catch::StringMaker<std::vector<std::string>>::convert(found));
        if (row.message.empty()) {
            CHECK(found.empty());
            continue;
        }
        REQUIRE_FALSE(found.empty());
        CHECK_THAT(found.front(), Catch::StartsWith(name + ":" + std::to_string(line_of(text, row.at)) + ": "));
        CHECK_THAT(found.front(), Catch::Contains(row.message));
    }
}

}  // namespace

TEST_CASE("the samples have no fault", "[config]") {
    for (const std::string name : {"quickstart", "localserve"}) {
        Config config = load(samples / name / "mox.conf");
        validate(config, {.check_files = false});
        for (const auto& found : config.problems) CHECK(found.problem.message == "there is no user 'mox' on this host");
    }
}

TEST_CASE("what mox.conf cannot say is named with its line", "[config]") {
    check_rows(
        &Files::settings, "mox.conf",
        {
            {"DataDir: ../data", "DataDir:", "DataDir", "DataDir is empty"},
            {"LogLevel: debug", "LogLevel: loud", "LogLevel", "LogLevel cannot be 'loud'; known are print, fatal"},
            {"LogLevel: debug", "LogLevel: debug\nPackageLogLevels:\n\tqueue: x", "\tqueue", "queue cannot be 'x'"},
            {"User: mox", "User: root", "User", "User cannot be root"},
            {"User: mox", "User: 0", "User", "User cannot be root"},
            {"User: mox", "User: 1001", "", ""},
            {"Hostname: mail.example.org", "Hostname: Mail.example.org", "Hostname",
             "has to be written 'mail.example.org'"},
            {"Hostname: mail.example.org", "Hostname: mail..example", "Hostname", "has an empty label"},
            {"Hostname: mail.example.org", "Hostname: -mail.example", "Hostname", "a hyphen where none may be"},
            {"Hostname: mail.example.org", "Hostname: xn--bcher-kva.example", "Hostname",
             "has to be written 'bücher.example'"},
            {"Hostname: mail.example.org", "Hostname: bücher.example", "", ""},
            {"DirectoryURL: https://acme", "DirectoryURL: ftp://acme", "\t\tDirectoryURL", "is no URL"},
            {"ContactEmail: ana@example.org", "ContactEmail: ana", "\t\tContactEmail", "'ana' is no address"},
            {"- 192.0.2.7", "- 192.0.2.777", "\t\t\t- 192.0.2.777", "'192.0.2.777' is no IP address"},
            {"- 2001:db8::7", "- 192.0.2.7", "\t\t\t- 192.0.2.7\n\t\tTLS", "is listed twice"},
            {"\t\tIPs:\n\t\t\t- 127.0.0.1\n\t\t\t- ::1\n", "\t\tIPs:\n", "\t\tIPs:\n\t\tHostname",
             "no address to listen on"},
            {"Hostname: localhost", "Hostname: local_host", "\t\tHostname: local_host",
             "characters that no domain can have"},
            {"\t\tHostname: localhost", "\t\tIPsNATed: true\n\t\tNATIPs:\n\t\t\t- 192.0.2.8", "\t\tIPsNATed",
             "cannot both be given"},
            {"ACME: letsencrypt", "ACME: other", "\t\t\tACME: other", "there is no 'other' in the section ACME"},
            {"ACME: letsencrypt", "MinVersion: TLSv1.2", "\t\tTLS:", "TLS has no certificates"},
            {"ACME: letsencrypt", "ACME: letsencrypt\n\t\t\tMinVersion: SSLv3", "\t\t\tMinVersion",
             "MinVersion cannot be 'SSLv3'"},
            {"Hostname: localhost", "IMAPS:\n\t\t\tEnabled: true", "\tinternal", "without TLS there cannot be IMAPS"},
            {"Hostname: localhost", "SMTP:\n\t\t\tEnabled: true\n\t\t\tNoSTARTTLS: true", "", ""},
            {"FirstTimeSenderDelay: 0s", "FirstTimeSenderDelay: -1s", "\t\t\tFirstTime",
             "FirstTimeSenderDelay is negative"},
            {"FirstTimeSenderDelay: 0s", "Port: 65536", "\t\t\tPort", "65536 is no port"},
            {"FirstTimeSenderDelay: 0s", "Port: 465", "\t\tSubmissions",
             "wants port 465 of 192.0.2.7, which SMTP of listener 'public' has"},
            {"Path: /mail/", "Path: mail/", "\t\t\tPath", "does not start with a slash"},
            {"Path: /mail/", "Port: 8010", "", ""},
            {"Account: ana\n\tMailbox: Postmaster", "Account: eva\n\tMailbox: Postmaster", "\tAccount: eva",
             "there is no account 'eva'"},
            {"Mailbox: Postmaster", "Mailbox: a//b", "\tMailbox: a//b", "mailbox 'a//b'"},
            {"Localpart: tls-reports", "Localpart:", "\tLocalpart:", "Localpart is empty"},
            {"Sent: Gesendet", "Sent: Inbox", "\t\tSent", "the Inbox is always made"},
            {"- Rechnungen", "- Spam", "\t\t- Spam", "mailbox 'Spam' is named twice"},
            {"Host: relay.example.net", "Host: relay example", "\t\t\tHost: relay",
             "characters that no domain can have"},
            {"- SCRAM-SHA-256", "- GSSAPI", "\t\t\t\t\t- GSSAPI", "cannot be 'GSSAPI'"},
            {"\tdirect: nil", "\tdirect:\n\t\tDirect:\n\t\t\tDisableIPv4: true\n\t\t\tDisableIPv6: true",
             "\t\tDirect:", "neither IPv4 nor IPv6"},
            {"\tdirect: nil", "\tdirect:\n\t\tFail:\n\t\t\tSMTPCode: 250", "\t\t\tSMTPCode",
             "250 is no code of a failure"},
            {"\tdirect: nil",
             "\tdirect:\n\t\tSocks:\n\t\t\tAddress: localhost\n\t\t\tRemoteIPs:\n\t\t\t\t- "
             "192.0.2.1\n\t\t\tRemoteHostname: a.example",
             "\t\t\tAddress", "'localhost' is not of the form host:port"},
            {"", "QuotaMessageSize: -5\n", "QuotaMessageSize", "QuotaMessageSize is negative"},
        });
}

TEST_CASE("what domains.conf cannot say is named with its line", "[config]") {
    check_rows(
        &Files::domains, "domains.conf",
        {
            {"\tbücher.example: nil", "\tBücher.example: nil", "\tBücher", "has to be written 'bücher.example'"},
            {"LocalpartCatchallSeparator: +", "LocalpartCatchallSeparator: n",
             "\t\t\tana@example.org:", "contains the catchall separator 'n'"},
            {"- 2026b", "- 2026c", "\t\t\t\t- 2026c", "there is no selector '2026c'"},
            {"\t\t\t\t\tExpiration: 72h\n", "\t\t\t\t\tExpiration: soon\n", "\t\t\t\t\tExpiration: soon",
             "'soon' is no duration"},
            {"\t\t\t\t\tExpiration: 72h\n", "\t\t\t\t\tHash: md5\n", "\t\t\t\t\tHash", "Hash cannot be 'md5'"},
            {"\t\t\t\t\tExpiration: 72h\n", "\t\t\t\t\tHeaders:\n\t\t\t\t\t\t- To\n", "\t\t\t\t\tHeaders",
             "the header From is not signed"},
            {"Localpart: dmarc-reports\n\t\t\tAccount: ana", "Localpart: dmarc-reports\n\t\t\tAccount: x",
             "\t\t\tAccount: x", "there is no account 'x'"},
            {"Mode: enforce", "Mode: strict", "\t\t\tMode", "Mode cannot be 'strict'"},
            {"PolicyID: 20260101T000000", "PolicyID: a-b", "\t\t\tPolicyID", "'a-b' is no id of a policy"},
            {"MaxAge: 24h0m0s", "MaxAge: 9000h", "\t\t\tMaxAge", "MaxAge is not between 0 and a year"},
            {"\t\t\t\t\t- ben@example.org", "\t\t\t\t\t- eva@example.org", "\t\t\t\t\t- eva",
             "'eva@example.org' is no destination"},
            {"\t\tDomain: example.org", "\t\tDomain: example.net", "\t\tDomain: example.net",
             "domain 'example.net' is not configured"},
            {"\t\t\tben@example.org:", "\t\t\tBen@example.org:", "\t\t\t\t\t- ben",
             "'ben@example.org' is no destination"},
            {"\t\t\tben@example.org:", "\t\t\tben@example.org: nil\n\t\t\tANA@example.org:", "\t\t\tANA",
             "is the same as 'ana@example.org' of account 'ana'"},
            {"\t\t\tben@example.org:", "\t\t\tben@example.org: nil\n\t\t\tall@example.org:", "\t\t\tall@",
             "is an alias already"},
            {"\t\t\tben@example.org:", "\t\t\tben@example.org: nil\n\t\t\tben@example.net:", "\t\t\tben@example.net",
             "is not configured"},
            {"\t\t\tben@example.org:", "\t\t\tben@example.org: nil\n\t\t\tbe:", "\t\t\tbe:",
             "warning: destination 'be' is only a localpart"},
            {"SMTPMailFromRegexp: ^bounce@", "SMTPMailFromRegexp: (", "\t\t\t\t\t\tSMTPMailFromRegexp",
             "is no regular expression: missing )"},
            {"^list-id$: ", "^List-Id$: ", "\t\t\t\t\t\t\t^List", "has capital letters"},
            {"ListAllowDomain: lists.example.net", "IsForward: true\n\t\t\t\t\t\tListAllowDomain: lists.example.net",
             "\t\t\t\t\t\tIsForward", "cannot both be given"},
            {"ListAllowDomain: lists.example.net", "AcceptRejectsToMailbox: inbox", "\t\t\t\t\t\tAcceptRejects",
             "cannot be the Inbox"},
            {"RejectsMailbox: Rejects", "RejectsMailbox: INBOX", "\t\tRejectsMailbox",
             "RejectsMailbox cannot be the Inbox"},
            {"Threshold: 0.950000", "Threshold: 1.5", "\t\t\tThreshold", "Threshold is not between 0 and 1"},
            {"Threshold: 0.950000", "Threshold: NaN", "\t\t\tThreshold", "Threshold is not between 0 and 1"},
            {"TopWords: 10", "TopWords: 0", "\t\t\t\tTopWords", "TopWords is less than 1"},
            {"Enabled: true", "Enabled: false", "\t\tJunkFilter",
             "warning: the account has a junk filter, but no AutomaticJunkFlags"},
            {"NeutralMailboxRegexp: ^(", "NeutralMailboxRegexp: ^((", "\t\t\tNeutral", "is no regular expression"},
            {"SMTPError: 550 moved", "SMTPError: moved", "\t\t\t\tSMTPError", "does not begin with 421 or 550"},
            {"- .example.net", "- .Example.net", "\t\t\t\t\t- .Example.net", "has to be written 'example.net'"},
            {"Transport: smarthost", "Transport: other", "\t\t\t\tTransport", "there is no transport 'other'"},
            {"PathRegexp: ^/\n", "PathRegexp: /\n", "\t\tPathRegexp: /\n", "does not start with ^"},
            {"\t\tWebRedirect:\n\t\t\tOrigPathRegexp: ^/old/(.*)$\n\t\t\tReplacePath: /new/$1\n", "",
             "\t-\n\t\tDomain: example.org\n\t\tPathRegexp: ^/old/", "a handler that does nothing"},
            {"\t\t\tOrigPathRegexp: ^/old/(.*)$\n", "\t\t\tStatusCode: 200\n", "\t\tWebRedirect",
             "a redirect needs BaseURL or OrigPathRegexp"},
            {"- dnsbl.example", "- dnsbl..example", "\t- dnsbl..example", "has an empty label"},
        });
}

TEST_CASE("every mistake is named, sorted by file and line", "[config]") {
    Files files;
    replace(files.settings, "LogLevel: debug", "LogLevel: loud");
    replace(files.settings, "Path: /mail/", "Path: mail/");
    replace(files.domains, "Mode: enforce", "Mode: strict");
    replace(files.domains, "TopWords: 10", "TopWords: -1");
    const auto found = problems_of(files);
    REQUIRE(found.size() == 4);
    CHECK_THAT(found[0], Catch::StartsWith("mox.conf:") && Catch::Contains("loud"));
    CHECK_THAT(found[1], Catch::StartsWith("mox.conf:") && Catch::Contains("mail/"));
    CHECK_THAT(found[2], Catch::StartsWith("domains.conf:") && Catch::Contains("strict"));
    CHECK_THAT(found[3], Catch::StartsWith("domains.conf:") && Catch::Contains("TopWords"));
}

TEST_CASE("a policy for MTA-STS needs a listener that serves it", "[config]") {
    Files files;
    replace(files.settings, "MTASTSHTTPS:\n\t\t\tEnabled: true", "MTASTSHTTPS:\n\t\t\tEnabled: false");
    const auto found = problems_of(files);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::StartsWith("domains.conf:") && Catch::Contains("no listener serves the policy"));
}

TEST_CASE("a mistake of grammar hides what would only follow from it", "[config]") {
    Files files;
    files.settings += "x\n";
    replace(files.domains, "Mode: enforce", "Mode: strict");
    const auto found = problems_of(files);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::Contains("no colon"));
}

TEST_CASE("files that the configuration names must be there when asked for", "[config]") {
    const auto found = problems_of({}, {.check_files = true});
    CHECK(found.size() == 5);
    for (const auto& text : found) CHECK_THAT(text, Catch::Contains("there is no file "));
    CHECK_THAT(found[0], Catch::StartsWith("mox.conf:12: ") && Catch::Contains("/adminpasswd'"));
}
