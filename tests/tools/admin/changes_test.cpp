#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "auth/credentials.hpp"
#include "cli/testing.hpp"
#include "common/admin/fixture.hpp"
#include "queue/queue.hpp"
#include "store/account.hpp"
#include "support/run_program.hpp"
#include "tools/account/accounttool.hpp"
#include "tools/address/addresstool.hpp"
#include "tools/domain/domaintool.hpp"
#include "tools/queue/queuetool.hpp"
#include "tools/setpassword/setpassword.hpp"

using namespace mox;
using test::Installation;

namespace {

const std::string bin = MOX_BIN;

std::vector<std::string> with_config(const Installation& host, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"-c", host.file.native()});
    return arguments;
}
cli::ToolRun account(const Installation& host, std::vector<std::string> arguments) {
    return cli::run_tool(accounttool::tool(), with_config(host, std::move(arguments)));
}
cli::ToolRun address(const Installation& host, std::vector<std::string> arguments) {
    return cli::run_tool(addresstool::tool(), with_config(host, std::move(arguments)));
}
cli::ToolRun domain(const Installation& host, std::vector<std::string> arguments) {
    return cli::run_tool(domaintool::tool(), with_config(host, std::move(arguments)));
}

std::vector<nlohmann::json> records_of(const std::string& text) {
    std::vector<nlohmann::json> records;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
    return records;
}

}  // namespace

TEST_CASE("account adds, lists and removes", "[admin]") {
    const Installation host;
    auto run = account(host, {"add", "carl", "carl@mox.example"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "added: account carl; set its password with 'mox setaccountpassword carl'\n");
    run = account(host, {"list"});
    CHECK_THAT(run.out, Catch::Contains("carl: 'carl@mox.example'\n") && Catch::Contains("3 accounts"));
    run = account(host, {"rm", "carl"});
    CHECK(run.out == "removed: account carl; its data stays\n");
    CHECK(host.text() == Installation::domains_text);
}

TEST_CASE("a dry run checks everything and changes nothing", "[admin]") {
    const Installation host;
    CHECK(account(host, {"-n", "add", "carl", "carl@mox.example"}).out.starts_with("would be added: account carl"));
    CHECK(account(host, {"-n", "add", "ana", "carl@mox.example"}).exit_code == 1);
    CHECK(address(host, {"-n", "rm", "ben@mox.example"}).exit_code == 0);
    CHECK(domain(host, {"-n", "add", "one.example", "ana"}).exit_code == 0);
    CHECK(domain(host, {"-n", "rm", "b\u00fccher.example"}).exit_code == 0);
    CHECK(host.text() == Installation::domains_text);
    CHECK(host.names_in_config() == std::vector<std::string>{"domains.conf", "mox.conf"});
}

TEST_CASE("exit codes and messages of changes", "[admin]") {
    struct Case {
        cli::ToolRun run;
        int exit_code;
        std::string text;
    };
    const Installation host;
    const std::vector<Case> cases{
        {account(host, {}), 2, ""},
        {account(host, {"add", "carl"}), 2, "add needs an account and its address"},
        {account(host, {"rm"}), 2, "rm needs an account"},
        {account(host, {"rm", "ben", "x@mox.example"}), 2, "rm needs an account and nothing else"},
        {account(host, {"list", "ben"}), 2, "list takes no operands"},
        {account(host, {"change", "ben"}), 2, ""},
        {account(host, {"add", "ana", "x@mox.example"}), 1, "account 'ana' exists"},
        {account(host, {"rm", "nobody"}), 10, "no account 'nobody'"},
        {account(host, {"add", "carl", "carl@nosuch.example"}), 10, "'nosuch.example' is not configured"},
        {address(host, {"add", "x@mox.example"}), 2, "add needs an address and an account"},
        {address(host, {"rm", "ben@mox.example", "ben"}), 2, "rm needs an address only"},
        {address(host, {"rm", "x@mox.example"}), 10, "no address 'x@mox.example'"},
        {domain(host, {"add", "one.example"}), 2, "add needs a domain and an account"},
        {domain(host, {"rm", "b\u00fccher.example", "ana"}), 2, "only add takes an account"},
        {domain(host, {"rm", "mox.example"}), 1, "is needed"},
        {domain(host, {"dnsrecords", "one.example"}), 10, "no domain 'one.example'"},
    };
    for (const auto& entry : cases) {
        INFO(entry.text);
        CHECK(entry.run.exit_code == entry.exit_code);
        CHECK_THAT(entry.run.err, Catch::Contains(entry.text));
        CHECK(entry.run.out.empty());
    }
    CHECK(cli::run_tool(accounttool::tool(), {"-c", "/nonexistent/mox.conf", "list"}).exit_code == 10);
    CHECK(host.text() == Installation::domains_text);
}

TEST_CASE("a domain comes, tells its DNS records, and goes", "[admin]") {
    const Installation host;
    CHECK_THAT(domain(host, {"add", "One.example", "ana"}).out,
               Catch::StartsWith("added: domain one.example; now add"));
    CHECK(host.problems() == "");
    const auto zone = domain(host, {"dnsrecords", "one.example"});
    CHECK(zone.exit_code == 0);
    CHECK_THAT(zone.out, Catch::StartsWith("$TTL 300\n") && Catch::Contains("IN MX 10 mail.mox.example.\n"));
    const auto records = records_of(domain(host, {"--json", "dnsrecords", "one.example"}).out);
    REQUIRE(records.size() > 10);
    CHECK(records.front()["type"] == "dns_record");
    CHECK(records.back()["type"] == "summary");
    CHECK_THAT(domain(host, {"rm", "one.example"}).out, Catch::StartsWith("removed: domain one.example"));
    CHECK(host.text() == Installation::domains_text);
}

TEST_CASE("the original's spellings lead to the same programs", "[admin]") {
    const Installation host;
    const auto mox = [&](std::vector<std::string> words) {
        words.insert(words.begin(), bin + "/mox");
        words.insert(words.end(), {"-c", host.file.native()});
        return test::run_program(words);
    };
    CHECK(mox({"account", "add", "carl", "carl@mox.example"}).exit_code == 0);
    CHECK(mox({"config", "account", "add", "dora", "dora@mox.example"}).exit_code == 0);
    CHECK(mox({"address", "add", "c@mox.example", "carl"}).exit_code == 0);
    CHECK(mox({"config", "address", "rm", "c@mox.example"}).exit_code == 0);
    CHECK(mox({"domain", "add", "one.example", "ana"}).exit_code == 0);
    CHECK(mox({"dnsrecords", "one.example"}).out.starts_with("$TTL 300\n"));
    CHECK(mox({"config", "dnsrecords", "one.example"}).exit_code == 0);
    CHECK(mox({"config", "domain", "rm", "one.example"}).exit_code == 0);
    CHECK(mox({"config", "test"}).exit_code == 0);
    (void)datadir::create(host.dir / "data");
    CHECK(mox({"setaccountpassword", "--generate", "carl"}).exit_code == 0);
    CHECK(mox({"setadminpassword", "--generate"}).exit_code == 1);  // there is no file for it
    CHECK(mox({"queue", "list"}).exit_code == 0);
    CHECK(config::load(host.file).domains.accounts.size() == 4);
}

TEST_CASE("a password comes from standard input and is never printed", "[admin]") {
    const Installation host;
    const auto layout = datadir::create(host.dir / "data");
    const auto set = [&](const std::string& input, const std::string& whose) {
        const auto file = host.dir.write("input", input);
        return test::run_program(
            {"sh", "-c",
             bin + "/mox-setpassword -c '" + host.file.native() + "' account " + whose + " < '" + file.native() + "'"});
    };
    struct Case {
        std::string input, whose;
        int exit_code;
        std::string text;
    };
    for (const auto& entry : std::vector<Case>{
             {"correct horse\nsecond line\n", "ana", 0, ""},
             {"without a line end", "ben", 0, ""},
             {"dos line end\r\n", "ben", 0, ""},
             {"", "ana", 2, "no password on standard input"},
             {"\n", "ana", 2, "no password on standard input"},
             {"short\n", "ana", 2, "too short"},
             {std::string(73, 'x') + "\n", "ana", 2, "too long"},
             {std::string(100'000, 'x'), "ana", 2, "too long"},
             {"tab\tinside it\n", "ana", 2, "control character"},
             {"\xff\xfe not text\n", "ana", 2, "is not UTF-8"},
             {"correct horse\n", "nobody", 10, "account 'nobody'"},
         }) {
        INFO(entry.input.substr(0, 40));
        const auto run = set(entry.input, entry.whose);
        CHECK(run.exit_code == entry.exit_code);
        CHECK_THAT(run.err, Catch::Contains(entry.text));
        if (entry.exit_code == 0) CHECK(run.out == "password of account " + entry.whose + " set\n");
    }
    auto ana = store::Account::open(layout, "ana", {.access = db::Access::read_only});
    CHECK(auth::bcrypt_matches(auth::load_credentials(ana.database())->bcrypt, "correct horse"));
    auto ben = store::Account::open(layout, "ben", {.access = db::Access::read_only});
    CHECK(auth::bcrypt_matches(auth::load_credentials(ben.database())->bcrypt, "dos line end"));
    const auto generated = cli::run_tool(setpassword::tool(), with_config(host, {"--generate", "account", "ana"}));
    CHECK(generated.exit_code == 0);
    const std::string password = generated.out.substr(0, generated.out.find('\n'));
    CHECK(auth::bcrypt_matches(auth::load_credentials(ana.database())->bcrypt, password));
    CHECK(cli::run_tool(setpassword::tool(), with_config(host, {"account"})).exit_code == 2);
    CHECK(cli::run_tool(setpassword::tool(), with_config(host, {"admin", "ana"})).exit_code == 2);
    CHECK(cli::run_tool(setpassword::tool(), {"--data-dir", (host.dir / "data").native(), "--generate", "admin"})
              .exit_code == 2);
}

TEST_CASE("the queue is listed, hurried and dropped by conditions", "[admin]") {
    const Installation host;
    const auto layout = datadir::create(host.dir / "data");
    const auto run = [&](std::vector<std::string> arguments) {
        return cli::run_tool(queuetool::tool(), with_config(host, std::move(arguments)));
    };
    CHECK(run({"list"}).out == "0 messages\n");
    CHECK(run({"kick"}).exit_code == 0);
    const FixedClock clock(1'795'343'645);
    std::vector<queue::MessageId> ids;
    {
        queue::Queue queue(layout, {.access = db::Access::create}, clock);
        for (const std::string recipient : {"one.example", "two.example", "one.example"}) {
            const queue::NewMessage message{.envelope = {.queued = clock.now(),
                                                         .sender_account = "ana",
                                                         .sender = {"ana", "mox.example"},
                                                         .recipient = {"r", recipient}},
                                            .pending = {.next_attempt = 1'800'000'000}};
            ids.push_back(queue.add(std::span(&message, 1), "Subject: x\r\n\r\ny\r\n").front());
        }
        queue.close();
    }
    const auto listed = run({"list"});
    CHECK_THAT(listed.out,
               Catch::Contains("ana@mox.example -> r@two.example") && Catch::EndsWith("3 messages, 51 bytes\n"));
    CHECK_THAT(run({"--to-domain", "ONE.example", "list"}).out, Catch::EndsWith("2 messages, 34 bytes\n"));
    CHECK_THAT(run({"--recipient", "r@two.example", "list"}).out, Catch::EndsWith("1 message, 17 bytes\n"));
    CHECK_THAT(run({"--account", "ben", "list"}).out, Catch::EndsWith("0 messages, 0 bytes\n"));
    CHECK(records_of(run({"--json", "list"}).out)[0]["next_attempt"] == "2027-01-15T08:00:00Z");
    CHECK(run({"-n", "--to-domain", "one.example", "kick"}).out == "would be tried at once: 2 messages\n");
    CHECK(run({"--id", std::to_string(ids[1]), "kick"}).out == "tried at once: 1 message\n");
    queue::Queue queue(layout, {.access = db::Access::read_only}, clock);
    CHECK(queue.get(ids[0])->pending->next_attempt == 1'800'000'000);
    CHECK(queue.get(ids[1])->pending->next_attempt != 1'800'000'000);
    CHECK(run({"drop"}).exit_code == 2);
    CHECK(run({"--all", "--id", "1", "drop"}).exit_code == 2);
    CHECK(run({"--all", "list"}).exit_code == 2);
    CHECK(run({"--transport", "x", "list"}).exit_code == 2);
    CHECK(run({"--transport", "x", "kick"}).exit_code == 10);
    CHECK(run({"--recipient", "r", "list"}).exit_code == 2);
    CHECK(run({"--to-domain", "one.example", "drop"}).out == "dropped: 2 messages\n");
    CHECK(queue.list({}).size() == 1);
    CHECK_FALSE(status_of(layout.queue_message(ids[0])));
    CHECK(run({"--all", "drop"}).out == "dropped: 1 message\n");
    CHECK(run({"list"}).out == "0 messages, 0 bytes\n");
}
