#include "config/load.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::config;

namespace {

const std::filesystem::path samples = std::filesystem::path(MOX_TESTDATA) / "config";

constexpr std::string_view smallest_static =
    "DataDir: data\nLogLevel: info\nHostname: h.example\nListeners:\nPostmaster:\n\tAccount: a\n\tMailbox: Inbox\n";

// The error that `work` leaves with.
template <class Work>
Error error_of(Work&& work) try {
    work();
    throw std::logic_error("no error");
} catch (const Error& error) {
    return error;
}

}  // namespace

TEST_CASE("the configuration file comes from the option, the environment or its usual place", "[config]") {
    CHECK(find_config("a/b.conf", "c/d.conf") == "a/b.conf");
    CHECK(find_config({}, "c/d.conf") == "c/d.conf");
    CHECK(find_config({}, "") == "config/mox.conf");
    CHECK(find_config({}, nullptr) == "config/mox.conf");
}

TEST_CASE("the configuration of a set-up host is loaded in full", "[config]") {
    const Config config = load(samples / "quickstart" / "mox.conf");
    CHECK(config.problems.empty());
    CHECK(config.paths.data == samples / "data");
    const Listener& listener = config.settings.listeners.at("public");
    CHECK(listener.ips == std::vector<std::string>{"192.0.2.7", "2001:db8::7"});
    CHECK(listener.smtp.first_time_sender_delay == Duration(0));
    CHECK(listener.tls->host_private_key_files.size() == 2);
    CHECK(listener.submissions.enabled_on_https);
    CHECK(config.settings.transports.at("smarthost").submissions->auth->password == "pass: with # and blanks");
    CHECK(config.settings.transports.at("direct") == Transport{});
    const Domain& domain = config.domains.domains.at("example.org");
    CHECK(domain.mtasts->max_age == std::chrono::hours(24));
    CHECK(domain.dkim.selectors.at("2026b").canonicalization.body_relaxed);
    CHECK(config.domains.domains.contains("bücher.example"));
    CHECK(account_names(config) == std::vector<std::string>{"ana", "ben"});
    const Account& ana = account_config(config, "ana");
    CHECK(ana.destinations.at("ana@example.org").rulesets.at(0).headers_regexp.at("^list-id$") ==
          "<gardening\\.lists\\.example\\.net>");
    Account fresh = new_account("example.org");  // the sample was made like a new account
    fresh.destinations = ana.destinations;
    fresh.no_custom_password = true;
    REQUIRE(fresh.junk_filter);
    CHECK_FALSE(fresh.junk_filter->params.onegrams);  // but for the method of its junk filter
    fresh.junk_filter->params.onegrams = true;
    CHECK(ana == fresh);
    CHECK(automatic_junk_flags(config, "ana").junk_mailbox_regexp == "^(junk|spam)");
    CHECK_FALSE(automatic_junk_flags(config, "nobody").enabled);
    CHECK(initial_mailboxes(config.settings) == std::vector<InitialMailbox>{{"Inbox", MailboxRole::none},
                                                                            {"Spam", MailboxRole::junk},
                                                                            {"Gesendet", MailboxRole::sent},
                                                                            {"Rechnungen", MailboxRole::none}});
}

TEST_CASE("the configuration of a local test server is loaded", "[config]") {
    const Config config = load(samples / "localserve" / "mox.conf");
    CHECK(config.problems.empty());
    CHECK(config.settings.listeners.at("local").tls->key_certs ==
          std::vector<KeyCert>{{"localhost.crt", "localhost.key"}});
    CHECK(config.paths.data == samples / "localserve");
    CHECK(initial_mailboxes(config.settings) == std::vector<InitialMailbox>{{"Inbox", MailboxRole::none},
                                                                            {"Archive", MailboxRole::archive},
                                                                            {"Drafts", MailboxRole::drafts},
                                                                            {"Junk", MailboxRole::junk},
                                                                            {"Sent", MailboxRole::sent},
                                                                            {"Trash", MailboxRole::trash}});
}

TEST_CASE("deprecated forms are understood", "[config]") {
    const Config config = load(samples / "older" / "mox.conf");
    CHECK(config.problems.empty());
    CHECK(config.settings.listeners.at("public").ips_nated);
    CHECK(config.paths.data == "/srv/mail/data");
    const Account& ana = account_config(config, "ana");
    CHECK(full_address(ana, "ana") == "ana@example.org");
    CHECK(full_address(ana, "office@example.org") == "office@example.org");
    CHECK(initial_mailboxes(config.settings) == std::vector<InitialMailbox>{{"Inbox", MailboxRole::none},
                                                                            {"Archive", MailboxRole::archive},
                                                                            {"Sent/2025", MailboxRole::sent},
                                                                            {"Sent", MailboxRole::none},
                                                                            {"drafts", MailboxRole::none},
                                                                            {"Trash", MailboxRole::trash}});
}

TEST_CASE("rewriting a sample changes nothing that it says", "[config]") {
    for (const char* name : {"quickstart", "localserve", "older"}) {
        const Config config = load(samples / name / "mox.conf");
        CHECK(sconf::parse<Static>(sconf::write(config.settings)).value == config.settings);
        CHECK(sconf::parse<Domains>(sconf::write(config.domains, sconf::Docs::include)).value == config.domains);
    }
}

TEST_CASE("files with many mistakes give the whole list at once", "[config]") {
    const auto folder = samples / "mistakes";
    std::string text = render(read(folder / "mox.conf").problems);
    const std::string prefix = folder.string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
        text.erase(at, prefix.size());
    INFO(text);
    CHECK(text == read_file(folder / "expected.txt"));
}

TEST_CASE("an unusable configuration is refused with its first error", "[config]") {
    struct Row {
        std::string static_text, domains_text, message, hint;
    };
    const std::string good(smallest_static), empty = "Domains:\nAccounts:\n";
    for (const auto& row : {
             Row{good + "Usr: x\n", empty, "mox.conf:8: unknown key 'Usr' in the file", "did you mean 'User'?"},
             Row{good + "x\ny\n", empty, "mox.conf:8: no colon in 'x' in the file (and 1 more error)",
                 "lines have the form 'key: value'"},
             Row{good, "Domains:\n", "domains.conf:1: missing required key 'Accounts' in the file", ""},
             Row{good + "x\n", "", "mox.conf:8: no colon in 'x' in the file (and 2 more errors)",
                 "lines have the form 'key: value'"},
         }) {
        const test::TempDir dir;
        const auto file = dir.write("mox.conf", row.static_text);
        dir.write("domains.conf", row.domains_text);
        const Error error = error_of([&] { (void)load(file); });
        CHECK(error.code() == Errc::failed);
        CHECK(std::string(error.what()) == (dir.path() / row.message).string());
        CHECK(error.hint() == row.hint);
    }
}

TEST_CASE("a missing or unreadable configuration file is named", "[config]") {
    const test::TempDir dir;
    const Error none = error_of([&] { (void)load(dir / "mox.conf"); });
    CHECK(none.code() == Errc::not_found);
    CHECK_THAT(none.what(), Catch::Contains("mox.conf'"));
    CHECK_THAT(none.hint(), Catch::Contains("MOXCONF"));
    dir.write("mox.conf", smallest_static);
    const Error no_domains = error_of([&] { (void)load(dir / "mox.conf"); });
    CHECK(no_domains.code() == Errc::not_found);
    CHECK_THAT(no_domains.what(), Catch::Contains("domains.conf'"));
    std::filesystem::create_directory(dir / "domains.conf");
    CHECK_THAT(error_of([&] { (void)load(dir / "mox.conf"); }).what(), Catch::Contains("domains.conf'"));
}

TEST_CASE("warnings do not keep a configuration from being used", "[config]") {
    const test::TempDir dir;
    const auto file = dir.write("mox.conf", std::string(smallest_static) + "User:  mox\n");
    dir.write("domains.conf", "Domains:\nAccounts:\n");
    const Config config = load(file);
    REQUIRE(config.problems.size() == 1);
    CHECK(config.problems[0].problem.severity == sconf::Severity::warning);
    CHECK(config.settings.user == " mox");
}

TEST_CASE("an unknown account is refused with the names there are", "[config]") {
    const Config config = load(samples / "quickstart" / "mox.conf");
    CHECK(find_account(config, "Ana") == nullptr);
    const Error other_case = error_of([&] { (void)account_config(config, "Ana"); });
    CHECK(other_case.code() == Errc::not_found);
    CHECK(other_case.hint() == "did you mean 'ana'?");
    CHECK(error_of([&] { (void)account_config(config, "zoe"); }).hint() == "accounts are 'ana', 'ben'");
}

TEST_CASE("the templates in docs show the fields as they are", "[config]") {
    struct Row {
        std::string file, text;
    };
    const auto docs = std::filesystem::path(MOX_SOURCE_DIR) / "docs";
    for (const auto& row : {Row{"mox.conf.example", sconf::describe<Static>()},
                            Row{"domains.conf.example", sconf::describe<Domains>()}}) {
        if (std::getenv("MOX_UPDATE_DOCS") != nullptr) {
            AtomicFile file(docs / row.file, {.file_mode = 0644});
            file.write(row.text);
            file.commit();
        }
        INFO("run this test with MOX_UPDATE_DOCS=1 to write docs/" << row.file << " anew");
        CHECK(status_of(docs / row.file).has_value());
        CHECK((read_file(docs / row.file) == row.text));
    }
}
