#include "server/process/directory_users.hpp"

#include <catch2/catch.hpp>

#include "auth/credentials.hpp"
#include "server/auth/fixture.hpp"
#include "store/account.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::login;

namespace {

struct Host {
    test::TempDir dir;
    datadir::Layout layout = datadir::create(dir / "data");
    log::StringSink sink;
    log::Levels levels;
    SystemClock clock;
    log::Log log{sink, levels, clock};
    process::LiveConfig config{loaded(), log::Logger(log, "test")};
    process::DirectoryUsers users{config, layout};

    Host() {
        auto account = store::Account::create(layout, "mjl");
        SeededRandom random(1);
        auth::save_credentials(account.database(), auth::derive_credentials("testpass1234", random, {.seconds = 9}));
    }
    static config::Config loaded() {
        config::Config config;
        auto& domains = config.domains;
        domains.domains["mox.example"].localpart_catchall_separator = "+";
        domains.accounts["mjl"] = config::new_account("mox.example");
        domains.accounts["mjl"].destinations["mjl@mox.example"] = {};
        domains.accounts["new"] = config::new_account("mox.example");
        domains.accounts["new"].destinations["new@mox.example"] = {};
        domains.accounts["new"].login_disabled = "not yet";
        return config;
    }
};

}  // namespace

TEST_CASE("users are found by any form of their addresses", "[users]") {
    Host host;
    for (const std::string address : {"mjl@mox.example", "MJL@Mox.Example", "mjl+shop@mox.example"}) {
        const auto found = host.users.find(address);
        CHECK(found.account == "mjl");
        CHECK(found.address == "mjl@mox.example");
        REQUIRE(found.credentials);
        CHECK(found.credentials->changed == 9);
        CHECK(found.credentials->scram_sha256.has_value());
    }
    for (const std::string address : {"nobody@mox.example", "mjl", "", "mjl@other.example", "@mox.example", "\xff"}) {
        const auto found = host.users.find(address);
        CHECK(found.account.empty());
        CHECK_FALSE(found.credentials);
    }
    // Configured, but without data so far.
    const auto fresh = host.users.find("new@mox.example");
    CHECK(fresh.account == "new");
    CHECK(fresh.login_disabled == "not yet");
    CHECK_FALSE(fresh.credentials);
    CHECK_FALSE(status_of(host.layout.account("new")));
}

TEST_CASE("users of a data directory log in by every mechanism", "[users]") {
    Host host;
    test::LoginFixture f;
    Environment environment{
        .users = host.users, .random = f.random, .clock = f.clock, .hostname = "mail.mox.example", .secret = "secret"};
    test::ScramClient client;
    const auto exchange = make_exchange(Mechanism::scram_sha256, f.channel, environment);
    CHECK(test::identity_of(client.log_in(*exchange)) == Identity{"mjl", "mjl@mox.example"});
    CHECK(test::identity_of(check_password("mjl@mox.example", "testpass1234", environment)));
    CHECK(test::failure_of(check_password("mjl@mox.example", "testpass123", environment)) == Failure::bad_credentials);
}
