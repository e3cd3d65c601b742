#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "server/auth/fixture.hpp"

using namespace mox;
using namespace mox::login;
using namespace mox::test;
using namespace std::string_literals;

namespace {

const Identity mjl{"mjl", "mjl@mox.example"};

Step plain(LoginFixture& f, std::string_view message) {
    return f.start(Mechanism::plain)->begin(message);
}

}  // namespace

TEST_CASE("mechanisms are offered strongest first, as the channel allows", "[sasl]") {
    const auto names = [](const Channel& channel) {
        std::string all;
        for (const auto mechanism : offered_mechanisms(channel)) all += std::string(name_of(mechanism)) + " ";
        return all;
    };
    CHECK(names({true, "a", "b"}) ==
          "SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN ");
    CHECK(names({false, "", ""}) == "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 ");
    CHECK(names({true, "", ""}) == "SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN ");
    CHECK(mechanism_named("scram-sha-256-plus") == Mechanism::scram_sha256_plus);
    CHECK(mechanism_named("Plain") == Mechanism::plain);
    CHECK_FALSE(mechanism_named("NTLM").has_value());
    CHECK_FALSE(mechanism_named("").has_value());
}

TEST_CASE("PLAIN lets the right password in", "[sasl]") {
    LoginFixture f;
    CHECK(identity_of(plain(f, "\0mjl@mox.example\0testpass1234"s)) == mjl);
    CHECK(identity_of(plain(f, "\0MJL@mox.example\0testpass1234"s)) == mjl);
    CHECK(identity_of(plain(f, "mjl@mox.example\0mjl@mox.example\0testpass1234"s)) == mjl);
    auto exchange = f.start(Mechanism::plain);
    CHECK(challenge_of(exchange->begin(std::nullopt)).empty());
    CHECK(identity_of(exchange->respond("\0mjl@mox.example\0testpass1234"s)) == mjl);
    CHECK(exchange->login_address() == "mjl@mox.example");
    CHECK(exchange->account() == "mjl");
}

TEST_CASE("RFC 4616: the messages of its examples", "[sasl]") {
    LoginFixture f;
    f.users.users.clear();
    f.users.add("tim", "tim", "tanstaaftanstaaf");
    CHECK(identity_of(plain(f, "\0tim\0tanstaaftanstaaf"s))->account == "tim");
    CHECK(failure_of(plain(f, "Ursel\0Kurt\0xipj3plmq"s)) == Failure::other_identity);
}

TEST_CASE("PLAIN refuses whatever else comes", "[sasl]") {
    struct Case {
        std::string message;
        Failure failure;
    };
    const std::vector<Case> cases{
        {"", Failure::malformed},
        {"mjl@mox.example", Failure::malformed},
        {"\0mjl@mox.example"s, Failure::malformed},
        {"\0mjl@mox.example\0testpass1234\0"s, Failure::malformed},
        {"\0mjl@mox.example\0testpass1234\0x"s, Failure::malformed},
        {std::string(Exchange::max_response_bytes + 1, '\0'), Failure::malformed},
        {"\0mjl@mox.example\0"s, Failure::bad_credentials},
        {"\0mjl@mox.example\0testpass123"s, Failure::bad_credentials},
        {"\0mjl@mox.example\0testpass12345"s, Failure::bad_credentials},
        {"\0mjl@mox.example\0TESTPASS1234"s, Failure::bad_credentials},
        {"\0mjl@mox.example\0\xff\xfe\xfd"s, Failure::bad_credentials},
        {"\0\0testpass1234"s, Failure::bad_credentials},
        {"\0mjl\0testpass1234"s, Failure::bad_credentials},
        {"\0nobody@mox.example\0testpass1234"s, Failure::bad_credentials},
        {"other@mox.example\0mjl@mox.example\0testpass1234"s, Failure::other_identity},
    };
    for (const auto& entry : cases) {
        LoginFixture f;
        INFO(escaped(entry.message.substr(0, 60)));
        CHECK(failure_of(plain(f, entry.message)) == entry.failure);
    }
}

TEST_CASE("a password is the same however its characters are composed", "[sasl]") {
    LoginFixture f;
    f.users.add("u@mox.example", "u", "p\u00e5ssw\u00f6rd \u00df");
    CHECK(identity_of(plain(f, "\0u@mox.example\0p\u00e5ssw\u00f6rd \u00df"s)));
    CHECK(identity_of(plain(f, "\0u@mox.example\0pa\u030assw\u006f\u0308rd \u00df"s)));  // decomposed
    CHECK(identity_of(plain(f, "\0u@mox.example\0pa\u030assw\u00f6rd\u3000\u00df"s)));   // ideographic blank
    CHECK_FALSE(identity_of(plain(f, "\0u@mox.example\0p\u00e5ssw\u00f6rd ss"s)));
}

TEST_CASE("whatever Unicode has, a password that can be set lets in and any other is refused", "[sasl]") {
    struct Row {
        std::string password;
        bool can_be_set;
    };
    const auto row = GENERATE(values<Row>({
        {"\u05e9\u05dc\u05d5\u05dd\u05e9\u05dc\u05d5\u05dd", true},  // right to left
        {"\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44", true},  // full width
        {"\u1112\u1161\u11ab\u1100\u1173\u11af password", true},     // jamo that compose,
        {"\ud55c\uae00 password", true},                             // and composed
        {"\U0001f600\U0001f601\U0001f602\U0001f603\U0001f604\U0001f605\U0001f606\U0001f607", true},
        {"\U0001f469\u200d\U0001f4bb password", false},  // joined by U+200D
        {"\u2126\u212b\u2126\u212b password", true},     // ohm and angstrom signs
        {"\ufb01\ufb01\ufb01\ufb01 password", true},     // ligatures
        {"Z\u0351\u036b\u0343\u036a\u0302a\u0308\u0301l\u0314go\u0323\u0307\u0307 text", true},  // heaps of marks
        {"\u202epassword", false},                                                               // turns direction
        {"pass\ufeffword", false},                                                               // byte order mark
        {"pass\ufffeword", false},                                                               // no character
        {"pass\u0378word", false},                                                               // unassigned
        {"pass\x7fword", false},
        {"pass\xc2\x85word", false},          // next line
        {"pass\xed\xa0\x80word", false},      // half a surrogate pair
        {"pass\xc0\x80word", false},          // overlong
        {"pass\xf4\x90\x80\x80word", false},  // beyond Unicode
        {"password\xc3", false},              // cut off
    }));
    INFO(escaped(row.password));
    LoginFixture f;
    CHECK(auth::password_problem(row.password).empty() == row.can_be_set);
    if (row.can_be_set)
        f.users.add("u@mox.example", "u", row.password);
    else
        CHECK_THROWS_AS(f.users.add("u@mox.example", "u", row.password), Error);
    CHECK(identity_of(plain(f, "\0u@mox.example\0"s + row.password)).has_value() == row.can_be_set);
    // Not even with something before or behind it.
    CHECK_FALSE(identity_of(plain(f, "\0u@mox.example\0x"s + row.password)));
    CHECK_FALSE(identity_of(plain(f, "\0u@mox.example\0"s + row.password + "\u0301")));
}

TEST_CASE("a password hashed as it came by older versions still works", "[sasl]") {
    LoginFixture f;
    SeededRandom random(1);
    f.users.users["mjl@mox.example"].credentials->bcrypt = auth::bcrypt_hash("pa\u030assword", random);
    CHECK(identity_of(plain(f, "\0mjl@mox.example\0pa\u030assword"s)) == mjl);
}

TEST_CASE("unknown users cost as much as known ones", "[sasl]") {
    struct Work {
        int questions, hashes;
    };
    const auto work = [](std::string_view message) {
        LoginFixture f;
        f.users.users["empty@mox.example"] = {"empty@mox.example", "empty", {}, {}};
        CHECK(failure_of(plain(f, message)) == Failure::bad_credentials);
        return std::pair(f.users.questions, f.hashes);
    };
    for (const std::string password : {"wrong password", "pa\u030assword", "\xff", ""}) {
        INFO(escaped(password));
        const auto known = work("\0mjl@mox.example\0"s + password);
        CHECK(work("\0nobody@mox.example\0"s + password) == known);
        CHECK(work("\0empty@mox.example\0"s + password) == known);
        CHECK(known.second >= 1);
    }
    // And each of these is a real one: the hash that stands for nobody's password is well formed.
    LoginFixture f;
    std::string seen;
    f.environment.matches = [&](const std::string& hash, std::string_view) {
        seen = hash;
        return true;  // even then nobody gets in
    };
    CHECK(failure_of(plain(f, "\0nobody@mox.example\0x"s)) == Failure::bad_credentials);
    REQUIRE(seen.size() == 60);
    CHECK(seen.substr(0, 7) == f.users.users["mjl@mox.example"].credentials->bcrypt.substr(0, 7));
    CHECK(seen.find_first_not_of("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789$") ==
          std::string::npos);
}

TEST_CASE("reasons are for the log and name no password", "[sasl]") {
    LoginFixture f;
    f.users.users["empty@mox.example"] = {"empty@mox.example", "empty", {}, {}};
    CHECK(reason_of(plain(f, "\0mjl@mox.example\0secret-typo"s)) == "wrong password");
    CHECK(reason_of(plain(f, "\0nobody@mox.example\0secret-typo"s)) == "no such address");
    CHECK(reason_of(plain(f, "\0empty@mox.example\0secret-typo"s)) == "the account has no password");
}

TEST_CASE("a disabled login says so only to who has the password", "[sasl]") {
    LoginFixture f;
    f.users.users["mjl@mox.example"].login_disabled = "ask the postmaster";
    const Step right = plain(f, "\0mjl@mox.example\0testpass1234"s);
    CHECK(failure_of(right) == Failure::login_disabled);
    CHECK(std::get<Failed>(right).text == "ask the postmaster");
    CHECK(failure_of(plain(f, "\0mjl@mox.example\0wrong"s)) == Failure::bad_credentials);
    CHECK(failure_of(ScramClient{}.log_in(*f.start(Mechanism::scram_sha256))) == Failure::login_disabled);
    CHECK_FALSE(is_guess(Failure::login_disabled));
}

TEST_CASE("no password goes over a line that is open", "[sasl]") {
    LoginFixture f;
    f.channel.passwords_allowed = false;
    for (const auto mechanism : {Mechanism::plain, Mechanism::login}) {
        CHECK(failure_of(f.start(mechanism)->begin("\0mjl@mox.example\0testpass1234"s)) == Failure::needs_tls);
        CHECK(failure_of(f.start(mechanism)->begin(std::nullopt)) == Failure::needs_tls);
    }
    CHECK(f.users.questions == 0);
}

TEST_CASE("LOGIN asks for both parts", "[sasl]") {
    LoginFixture f;
    auto exchange = f.start(Mechanism::login);
    CHECK(challenge_of(exchange->begin(std::nullopt)) == "Username:");
    CHECK(challenge_of(exchange->respond("mjl@mox.example")) == "Password:");
    CHECK(identity_of(exchange->respond("testpass1234")) == mjl);
    exchange = f.start(Mechanism::login);
    CHECK(challenge_of(exchange->begin("mjl@mox.example")) == "Password:");
    CHECK(failure_of(exchange->respond("")) == Failure::bad_credentials);
    exchange = f.start(Mechanism::login);
    CHECK(challenge_of(exchange->begin("nobody@mox.example")) == "Password:");
    CHECK(failure_of(exchange->respond("testpass1234")) == Failure::bad_credentials);
    CHECK(f.hashes == 3);
}

TEST_CASE("a password can be checked without an exchange", "[sasl]") {
    LoginFixture f;
    CHECK(identity_of(check_password("mjl@mox.example", "testpass1234", f.environment)) == mjl);
    CHECK(failure_of(check_password("mjl@mox.example", "testpass12345", f.environment)) == Failure::bad_credentials);
}

TEST_CASE("an exchange without users to ask ends with their error", "[sasl]") {
    struct Broken final : Users {
        Lookup find(std::string_view) override { throw Error(Errc::locked, "database is locked"); }
    } broken;
    LoginFixture f;
    Environment environment{.users = broken, .random = f.random, .clock = f.clock, .hostname = "h", .secret = "s"};
    for (const auto& [mechanism, message] :
         {std::pair(Mechanism::plain, "\0a\0b"s), std::pair(Mechanism::scram_sha256, ScramClient{}.first())})
        CHECK_THROWS_AS((void)make_exchange(mechanism, f.channel, environment)->begin(message), Error);
}
