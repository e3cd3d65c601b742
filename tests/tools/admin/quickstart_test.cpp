
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "admin/dns_lookup.hpp"
#include "auth/credentials.hpp"
#include "base/file.hpp"
#include "cli/testing.hpp"
#include "config/load.hpp"
#include "keys/certificate.hpp"
#include "store/account.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"
#include "tools/config/configtool.hpp"
#include "tools/quickstart/quickstarttool.hpp"

using namespace mox;

namespace {

cli::ToolRun quickstart(const test::TempDir& dir, std::vector<std::string> arguments) {
    const std::vector<std::string> usual{"--skip-dns", "--dir", dir.path().native(), "--user", "1001"};
    arguments.insert(arguments.begin(), usual.begin(), usual.end());
    return cli::run_tool(quickstarttool::tool(), arguments);
}

std::vector<std::string> names_in(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : list_directory(directory)) names.push_back(entry.name);
    return names;
}

struct FakeDns final : admin::DnsLookup {
    using Status = admin::DnsAnswer::Status;
    admin::DnsAnswer host{Status::found, {"192.0.2.7"}}, exchangers{Status::found, {"mail.one.example"}},
        reverse{Status::found, {"mail.one.example"}};
    admin::DnsAnswer addresses(const std::string&) override { return host; }
    admin::DnsAnswer mail_exchangers(const std::string&) override { return exchangers; }
    admin::DnsAnswer names(const std::string&) override { return reverse; }
};

}  // namespace

TEST_CASE("quickstart makes an installation without fault", "[quickstart]") {
    const test::TempDir dir;
    const auto run = quickstart(dir, {"You@One.example"});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    CHECK(names_in(dir.path()) == std::vector<std::string>{"config", "data", "mox.service"});
    const std::string file = (dir / "config/mox.conf").native();
    const auto checked = cli::run_tool(configtool::tool(), {"test", "-c", file});
    CHECK(checked.out == file + ": OK, 1 domain, 1 account\n");
    CHECK(test::run_program({std::string(MOX_BIN) + "/mox-verifydata", "-q", (dir / "data").native()}).exit_code == 0);
    // Everything that a newcomer needs is told.
    for (const char* part :
         {"Account You, address You@one.example: password ", "Admin pages: password ", "one.example. ",
          "IN MX 10 mail.one.example.", "What is left to do:", "systemctl enable --now mox", "mox config test"})
        CHECK_THAT(run.out, Catch::Contains(part));
    const auto word_after = [&](const std::string& start) {
        const auto at = run.out.find(start) + start.size();
        return run.out.substr(at, run.out.find('\n', at) - at);
    };
    auto account = store::Account::open(datadir::Layout(dir / "data"), "You", {.access = db::Access::read_only});
    CHECK(auth::bcrypt_matches(auth::load_credentials(account.database())->bcrypt,
                               word_after("Account You, address You@one.example: password ")));
    CHECK(auth::bcrypt_matches(read_file(dir / "config/adminpasswd"), word_after("Admin pages: password ")));
    const auto config = config::load(file);
    CHECK(config.domains.domains.at("one.example").dkim.selectors.size() == 4);
    CHECK(config.domains.accounts.at("You").rejects_mailbox == "Rejects");
    CHECK(config.settings.listeners.at("public").imaps.enabled);
    for (const std::string secret : {"config/adminpasswd", "config/tls/mail.one.example.key.pem"})
        CHECK((status_of(dir / secret)->st_mode & 0007) == 0);
    CHECK_THAT(read_file(dir / "mox.service"), Catch::Contains("WorkingDirectory=" + dir.path().native()));
}

TEST_CASE("quickstart never overwrites", "[quickstart]") {
    for (const std::string taken : {"config/mox.conf", "config/domains.conf", "config/adminpasswd", "data/x",
                                    "mox.service", "config/tls/mail.one.example.key.pem"}) {
        INFO(taken);
        const test::TempDir dir;
        dir.write(taken, "mine");
        const auto run = quickstart(dir, {"you@one.example"});
        CHECK(run.exit_code == 1);
        CHECK_THAT(run.err, Catch::Contains("exists"));
        CHECK(run.out.empty());
        CHECK(read_file(dir / taken) == "mine");
        // And what it made is gone again.
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir.path()))
            files += entry.is_regular_file() ? 1U : 0U;
        CHECK(files == 1);
    }
    const test::TempDir dir;
    REQUIRE(quickstart(dir, {"you@one.example"}).exit_code == 0);
    const std::string before = read_file(dir / "config/domains.conf");
    CHECK(quickstart(dir, {"you@two.example"}).exit_code == 1);
    CHECK(read_file(dir / "config/domains.conf") == before);
}

TEST_CASE("quickstart refuses what cannot be, and leaves nothing", "[quickstart]") {
    struct Case {
        std::vector<std::string> arguments;
        int exit_code;
        std::string text;
    };
    for (const auto& entry : std::vector<Case>{
             {{}, 2, ""},
             {{"you"}, 2, "'you' is no address"},
             {{"@one.example"}, 2, "is no address"},
             {{"you@"}, 2, "is no address"},
             {{"you@one_example"}, 2, "domain 'one_example'"},
             {{"a b@one.example"}, 2, "cannot be the part"},
             {{"y+z@one.example"}, 2, "catchall separator"},
             {{"../x@one.example"}, 2, "cannot be the part"},
             {{"a/b@one.example"}, 1, "account 'a/b'"},
             {{"you@one.example", "mail server"}, 2, "domain 'mail server'"},
             {{"you@one.example", "localhost"}, 2, "has no domain"},
             {{"--ip", "1.2.3", "you@one.example"}, 1, "'1.2.3' is no IP address"},
             {{"--cert", "/nonexistent", "you@one.example"}, 2, "--cert and --key go together"},
             {{"--cert", "/nonexistent", "--key", "/nonexistent", "you@one.example"}, 1, "there is no file"},
         }) {
        INFO(entry.text);
        const test::TempDir dir;
        const auto run = quickstart(dir, entry.arguments);
        CHECK(run.exit_code == entry.exit_code);
        CHECK_THAT(run.err, Catch::Contains(entry.text));
        CHECK(names_in(dir.path()).empty());
    }
}

TEST_CASE("quickstart says when the server's user has to be made", "[quickstart]") {
    const test::TempDir dir;
    const auto run = cli::run_tool(quickstarttool::tool(), {"--skip-dns", "--dir", dir.path().native(), "--user",
                                                            "nosuchuser", "you@one.example"});
    CHECK(run.exit_code == 0);
    CHECK_THAT(run.err, Catch::Contains("warning: there is no user 'nosuchuser' on this host"));
}

TEST_CASE("quickstart takes names beyond ASCII, other host names and a certificate", "[quickstart]") {
    const test::TempDir dir, keys_dir;
    const auto key = keys::PrivateKey::generate(keys::KeyKind::ecdsa);
    const auto cert_file =
        keys_dir.write("c.pem", keys::self_signed(key, {"mx.xn--bcher-kva.example"}, 0, 32'503'680'000));
    const auto key_file = keys_dir.write("k.pem", key.to_pem());
    const auto run = quickstart(dir, {"--cert", cert_file.native(), "--key", key_file.native(), "--ip", "192.0.2.7",
                                      "j\u00f6rg@b\u00fccher.example", "MX.b\u00fccher.example"});
    INFO(run.err);
    REQUIRE(run.exit_code == 0);
    const auto config = config::load(dir / "config/mox.conf");
    CHECK(config.settings.hostname == "mx.b\u00fccher.example");
    CHECK(config.domains.accounts.contains("j\u00f6rg"));
    CHECK_THAT(run.out, Catch::Contains("mx.xn--bcher-kva.example. ") && Catch::Contains("IN A 192.0.2.7\n"));
    CHECK_FALSE(status_of(dir / "config/tls"));
    const auto checked = cli::run_tool(configtool::tool(), {"test", "-c", (dir / "config/mox.conf").native()});
    CHECK(checked.exit_code == 0);
    CHECK(checked.out.find("warning") == std::string::npos);
}

TEST_CASE("quickstart as JSON", "[quickstart]") {
    const test::TempDir dir;
    const auto run = quickstart(dir, {"--json", "you@one.example"});
    std::istringstream lines(run.out);
    std::map<std::string, int> types;
    for (std::string line; std::getline(lines, line);) ++types[nlohmann::json::parse(line)["type"]];
    CHECK(types["password"] == 2);
    CHECK(types["dns_record"] > 10);
    CHECK(types["summary"] == 1);
    CHECK(types.size() == 3);
}

TEST_CASE("advice about what DNS says", "[quickstart]") {
    using Status = admin::DnsAnswer::Status;
    const auto advice = [](FakeDns dns, const std::vector<std::string>& ips) {
        std::string all;
        for (const auto& text : admin::dns_advice("mail.one.example", "one.example", ips, dns)) all += text + "\n";
        return all;
    };
    CHECK(advice({}, {"192.0.2.7"}).empty());
    CHECK(advice({}, {"0.0.0.0", "::"}).empty());
    FakeDns dns;
    dns.host = {Status::failed, {}};
    CHECK(advice(dns, {"192.0.2.7"}) == "DNS does not answer, so that nothing was looked up\n");
    dns = {};
    dns.host = {Status::none, {}};
    CHECK_THAT(advice(dns, {"192.0.2.7"}), Catch::Contains("has no address in DNS"));
    dns = {};
    CHECK_THAT(advice(dns, {"192.0.2.8"}),
               Catch::Contains("has the address 192.0.2.7 in DNS, which is not of this machine"));
    dns.reverse = {Status::none, {}};
    CHECK_THAT(advice(dns, {"192.0.2.7"}), Catch::Contains("address 192.0.2.7 has no reverse record (PTR)"));
    dns.reverse = {Status::found, {"dyn-7.provider.example"}};
    CHECK_THAT(advice(dns, {"192.0.2.7"}), Catch::Contains("leads back to dyn-7.provider.example, not to the host"));
    dns = {};
    dns.exchangers = {Status::found, {"mx.other.example"}};
    CHECK_THAT(advice(dns, {"192.0.2.7"}), Catch::Contains("mail for 'one.example' goes to mx.other.example now"));
    dns.exchangers = {Status::none, {}};
    CHECK_THAT(advice(dns, {"192.0.2.7"}), Catch::Contains("has no MX record yet"));
}
