#include "admin/accounts.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <thread>

#include "common/admin/fixture.hpp"
#include "config/address_book.hpp"

using namespace mox;
using namespace mox::admin;
using test::Installation;
using test::problem_of;

TEST_CASE("a new account has the usual settings, and every other line stays", "[admin]") {
    const Installation host;
    auto file = host.open();
    add_account(file, "carl", "Carl@MOX.example");
    file.save();
    const std::string text = host.text();
    CHECK(text.starts_with(Installation::domains_text));
    CHECK(text.substr(Installation::domains_text.size()).starts_with("\tcarl:\n\t\tDomain: mox.example\n"));
    CHECK(host.problems() == "");
    const auto config = config::load(host.file);
    const auto& account = config.domains.accounts.at("carl");
    CHECK(account.destinations.contains("Carl@mox.example"));
    CHECK(account.rejects_mailbox == "Rejects");
    CHECK(account.automatic_junk_flags.enabled);
    CHECK(account.junk_filter.has_value());
    CHECK(account == [] {
        auto expected = config::new_account("mox.example");
        expected.destinations["Carl@mox.example"] = {};
        return expected;
    }());
}

TEST_CASE("removing takes an account's lines and the comment above them", "[admin]") {
    const Installation host;
    auto file = host.open();
    remove_account(file, "ben");
    file.save();
    std::string expected(Installation::domains_text);
    const auto from = expected.find("\t# Leaves in May.\n"), to = expected.find("\tana:\n");
    expected.erase(from, to - from);
    CHECK(host.text() == expected);
    CHECK(host.problems() == "");
}

TEST_CASE("addresses come and go, down to none", "[admin]") {
    const Installation host;
    {
        auto file = host.open();
        add_address(file, "x@xn--bcher-kva.example", "ana");
        add_address(file, "@mox.example", "ana");
        file.save();
    }
    CHECK(host.text().ends_with(
        "\t\t\tana@mox.example: nil\n\t\t\t@mox.example: nil\n\t\t\tx@b\u00fccher.example: nil\n"));
    for (const std::string address : {"X@b\u00fccher.example", "ben@mox.example", "ben.other@mox.example"}) {
        auto file = host.open();
        CHECK(remove_address(file, address) == (address.starts_with("X") ? "ana" : "ben"));
        file.save();
        CHECK(host.problems() == "");
    }
    // An account without addresses can still be read, and changed again.
    CHECK(host.text().find("Leaves in May") != std::string::npos);
    auto file = host.open();
    add_address(file, "ben@mox.example", "ben");
    file.save();
    CHECK(host.problems() == "");
    CHECK(config::load(host.file).domains.accounts.at("ben").destinations.size() == 1);
}

TEST_CASE("what cannot be added or removed says why, and changes nothing", "[admin]") {
    struct Case {
        std::function<void(DomainsFile&)> work;
        Errc code;
        std::string text;
    };
    using F = DomainsFile&;
    const std::vector<Case> cases{
        {[](F f) { add_account(f, "ana", "new@mox.example"); }, Errc::failed, "account 'ana' exists"},
        {[](F f) { add_account(f, "", "new@mox.example"); }, Errc::usage, "account ''"},
        {[](F f) { add_account(f, "a/b", "new@mox.example"); }, Errc::usage, "account 'a/b'"},
        {[](F f) { add_account(f, "..", "new@mox.example"); }, Errc::usage, "account '..'"},
        {[](F f) { add_account(f, "a:b", "new@mox.example"); }, Errc::usage, "hard to write"},
        {[](F f) { add_account(f, "#a", "new@mox.example"); }, Errc::usage, "hard to write"},
        {[](F f) { add_account(f, " a", "new@mox.example"); }, Errc::usage, "hard to write"},
        {[](F f) { add_account(f, "a\nb", "new@mox.example"); }, Errc::usage, "account 'a\\nb'"},
        {[](F f) { add_account(f, "new", "new"); }, Errc::usage, "'new' is no address"},
        {[](F f) { add_account(f, "new", "new@"); }, Errc::usage, "is no address"},
        {[](F f) { add_account(f, "new", "a b@mox.example"); }, Errc::usage, "cannot be the part"},
        {[](F f) { add_account(f, "new", "a@b@mox.example"); }, Errc::usage, "cannot be the part"},
        {[](F f) { add_account(f, "new", "a..b@mox.example"); }, Errc::usage, "cannot be the part"},
        {[](F f) { add_account(f, "new", "a:b@mox.example"); }, Errc::usage, "cannot be the part"},
        {[](F f) { add_account(f, "new", "a\xff@mox.example"); }, Errc::usage, "cannot be the part"},
        {[](F f) { add_account(f, "new", "new@other.example"); }, Errc::not_found, "'other.example' is not configured"},
        {[](F f) { add_account(f, "new", "new@mox_example"); }, Errc::usage, "domain 'mox_example'"},
        {[](F f) { add_account(f, "new", "ANA@mox.example"); }, Errc::failed, "belongs to account 'ana'"},
        {[](F f) { add_account(f, "new", "x+y@mox.example"); }, Errc::usage, "catchall separator '+'"},
        {[](F f) { add_address(f, "new@mox.example", "nobody"); }, Errc::not_found, "no account 'nobody'"},
        {[](F f) { add_address(f, "ben@mox.example", "ana"); }, Errc::failed, "belongs to account 'ben'"},
        {[](F f) { remove_account(f, "nobody"); }, Errc::not_found, "no account 'nobody'"},
        {[](F f) { remove_account(f, "ana"); }, Errc::failed, "it gets the mail for the postmaster"},
        {[](F f) { remove_address(f, "x@mox.example"); }, Errc::not_found, "no address 'x@mox.example'"},
        {[](F f) { remove_address(f, "@mox.example"); }, Errc::not_found, "no address '@mox.example'"},
        {[](F f) { remove_address(f, "ana+x@mox.example"); }, Errc::not_found, "no address 'ana+x@mox.example'"},
        {[](F f) { remove_address(f, "ana"); }, Errc::usage, "'ana' is no address"},
    };
    const Installation host;
    for (const auto& entry : cases) {
        INFO(entry.text);
        auto file = host.open();
        const auto problem = problem_of([&] { entry.work(file); });
        CHECK(problem.code == entry.code);
        CHECK_THAT(problem.text, Catch::Contains(entry.text));
        CHECK(file.domains() == file.config().domains);
    }
    CHECK(host.text() == Installation::domains_text);
}

TEST_CASE("whatever would break the configuration is not written", "[admin]") {
    const Installation host;
    auto file = host.open();
    file.domains().domains.erase("mox.example");
    const auto problem = problem_of([&] { file.save(); });
    CHECK(problem.code == Errc::failed);
    CHECK_THAT(problem.text, Catch::Contains("the configuration would have an error: domain 'mox.example'"));
    CHECK(host.text() == Installation::domains_text);
    CHECK(host.names_in_config() == std::vector<std::string>{"domains.conf", "mox.conf"});
}

TEST_CASE("errors that were there before do not stand in the way", "[admin]") {
    const Installation host;
    host.dir.write("config/domains.conf",
                   std::string(Installation::domains_text) + "\tdora:\n\t\tDomain: gone.example\n");
    auto file = host.open();
    add_address(file, "new@mox.example", "ana");
    file.save();
    CHECK_THAT(host.problems(), Catch::Contains("gone.example"));
    auto again = [&] { return config::read(host.file).domains.accounts.at("ana").destinations.size(); };
    CHECK(again() == 2);
}

TEST_CASE("a file that cannot be parsed is left alone", "[admin]") {
    const Installation host;
    host.dir.write("config/domains.conf", "Domains:\n\tx\n");
    CHECK(problem_of([&] { (void)host.open(); }).code == Errc::failed);
    std::filesystem::remove(host.dir / "config/domains.conf");
    CHECK(problem_of([&] { (void)host.open(); }).code == Errc::not_found);
}

TEST_CASE("the file keeps its mode, and links to it stay links", "[admin]") {
    const Installation host;
    const auto real = host.dir / "config/domains.conf";
    std::filesystem::rename(real, host.dir / "elsewhere.conf");
    std::filesystem::create_symlink(host.dir / "elsewhere.conf", real);
    ::chmod((host.dir / "elsewhere.conf").c_str(), 0604);
    auto file = host.open();
    add_account(file, "carl", "carl@mox.example");
    file.save();
    CHECK(std::filesystem::is_symlink(real));
    const auto status = status_of(host.dir / "elsewhere.conf");
    REQUIRE(status);
    CHECK((status->st_mode & 0777) == 0604);
    CHECK_THAT(host.text(), Catch::Contains("\tcarl:\n"));
}

TEST_CASE("what a killed change left behind goes with the next one", "[admin]") {
    const Installation host;
    host.dir.write("config/domains.conf.0123456789abcdef.tmp", "half");
    host.dir.write("config/domains.conf.bak", "mine");
    (void)host.open();
    CHECK(host.names_in_config() == std::vector<std::string>{"domains.conf", "domains.conf.bak", "mox.conf"});
}

TEST_CASE("an editor's change meanwhile is not lost", "[admin]") {
    const Installation host;
    auto file = host.open();
    add_account(file, "carl", "carl@mox.example");
    host.dir.write("config/domains.conf", std::string(Installation::domains_text) + "# edited\n");
    CHECK_THAT(problem_of([&] { file.save(); }).text, Catch::Contains("was changed meanwhile"));
    CHECK_THAT(host.text(), Catch::EndsWith("# edited\n"));
}

TEST_CASE("changes come one after the other, and none is lost", "[admin]") {
    const Installation host;
    constexpr int threads = 4, each = 5;
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t)
        running.emplace_back([&host, t] {
            for (int i = 0; i < each; ++i) {
                const std::string name = "u" + std::to_string(t) + "x" + std::to_string(i);
                auto file = host.open();
                add_account(file, name, name + "@mox.example");
                file.save();
            }
        });
    for (auto& thread : running) thread.join();
    CHECK(config::load(host.file).domains.accounts.size() == 2 + threads * each);
    CHECK(host.problems() == "");
}

TEST_CASE("a change that must wait too long says so", "[admin]") {
    const Installation host;
    const auto file = host.open();
    CHECK(problem_of([&] { DomainsFile(host.file, std::chrono::milliseconds(1)); }).code == Errc::locked);
}

TEST_CASE("the address book knows whose an address is", "[admin]") {
    auto config = config::load(Installation().file);
    config.domains.accounts.at("ana").destinations["@b\u00fccher.example"] = {};
    const config::AddressBook book(config.domains);
    struct Case {
        std::string address, account, canonical;
    };
    for (const auto& entry : std::vector<Case>{
             {"ana@mox.example", "ana", "ana@mox.example"},
             {"Ana+lists@MOX.EXAMPLE", "ana", "ana@mox.example"},
             {"ben.other@mox.example", "ben", "ben.other@mox.example"},
             {"anyone@xn--bcher-kva.example", "ana", "anyone@b\u00fccher.example"},
             {"nobody@mox.example", "", "nobody@mox.example"},
             {"Nobody+x@mox.example", "", "nobody@mox.example"},
             {"+x@mox.example", "", "+x@mox.example"},
             {"ana@other.example", "", "ana@other.example"},
             {"ana", "", "ana"},
             {"", "", ""},
             {"@mox.example", "", "@mox.example"},
         }) {
        INFO(entry.address);
        const auto found = book.find(entry.address);
        CHECK((found ? found->account : "") == entry.account);
        CHECK(book.canonical(entry.address) == entry.canonical);
        if (found) CHECK(found->address == entry.canonical);
    }
}
