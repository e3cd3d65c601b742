#include "server/imap/session.hpp"

#include <catch2/catch.hpp>

#include "base/encoding.hpp"
#include "server/imap/fixture.hpp"
#include "server/imap/limits.hpp"

using namespace mox;
using test::ImapFixture;
using test::SessionDriver;

namespace {

const std::string credentials = to_base64(as_bytes(std::string_view("\0mjl@mox.example\0testpass1234", 29)));

constexpr std::string_view plain_capabilities = "CAPABILITY IMAP4rev1 ENABLE LITERAL+ IDLE SASL-IR";

// The lines of `text` as they would be without what differs each time.
std::string shortened(std::string text) {
    for (auto at = text.find("[CAPABILITY"); at != std::string::npos; at = text.find("[CAPABILITY", at + 1))
        text.replace(at, text.find(']', at) - at, "[C");
    return text;
}

}  // namespace

TEST_CASE("imap session answers alike however the bytes arrive", "[imap]") {
    struct Row {
        std::string client, server;
    };
    const auto row = GENERATE(values<Row>({
        {"a1 NOOP\r\na2 noop\r\n", "a1 OK NOOP done\r\na2 OK noop done\r\n"},
        {"a1 NOOP\na2 NOOP\n", "a1 OK NOOP done\r\na2 OK NOOP done\r\n"},
        {"a1 LOGOUT\r\na2 NOOP\r\n", "* BYE thanks\r\na1 OK LOGOUT done\r\n"},
        {"a1 ID NIL\r\n", "* ID (\"name\" \"mox\" \"version\" \"1.2.3\")\r\na1 OK ID done\r\n"},
        {"a1 ID (\"name\" \"x\" \"os\" NIL)\r\n", "* ID (\"name\" \"mox\" \"version\" \"1.2.3\")\r\na1 OK ID done\r\n"},
        {"a1 ID ({4+}\r\nname {2}\r\nab)\r\n",
         "+ go ahead\r\n* ID (\"name\" \"mox\" \"version\" \"1.2.3\")\r\na1 OK ID done\r\n"},
        {"a1 LOGIN mjl@mox.example testpass1234\r\na2 NOOP\r\na3 LOGIN a b\r\n",
         "a1 OK [C] LOGIN done\r\na2 OK NOOP done\r\na3 BAD LOGIN not in this state: you are logged in\r\n"},
        {"a1 LOGIN \"mjl@mox.example\" {12+}\r\ntestpass1234\r\n", "a1 OK [C] LOGIN done\r\n"},
        {"a1 LOGIN {15}\r\nmjl@mox.example {12}\r\ntestpass1234\r\n",
         "+ go ahead\r\n+ go ahead\r\na1 OK [C] LOGIN done\r\n"},
        {"a1 AUTHENTICATE PLAIN " + credentials + "\r\n", "a1 OK [C] AUTHENTICATE done\r\n"},
        {"a1 authenticate plain\r\n" + credentials + "\r\na2 NOOP\r\n",
         "+ \r\na1 OK [C] authenticate done\r\na2 OK NOOP done\r\n"},
        {"a1 AUTHENTICATE PLAIN\r\n*\r\na2 NOOP\r\n",
         "+ \r\na1 BAD AUTHENTICATE authentication was cancelled\r\na2 OK NOOP done\r\n"},
    }));
    const auto piece = GENERATE(1U, 2U, 7U, 100'000U);
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    CHECK(shortened(driver.feed_in_pieces(row.client, piece)) == row.server);
    CHECK(f.sink.text().find("testpass1234") == std::string::npos);
    CHECK(f.sink.text().find(credentials) == std::string::npos);
}

TEST_CASE("bad commands get one clear answer each, and the next one is understood", "[imap]") {
    struct Row {
        std::string client, server;
    };
    const auto row = GENERATE(values<Row>({
        {"a1 FOO\r\n", "a1 BAD FOO unknown command\r\n"},
        {"a1\r\n", "a1 BAD syntax error: expected ' '\r\n"},
        {"\r\n", "* BAD syntax error: expected a tag\r\n"},
        {"a(b NOOP\r\n", "a BAD syntax error: expected ' '\r\n"},
        {"a1 NOOP now\r\n", "a1 BAD NOOP syntax error: unexpected text at the end\r\n"},
        {"a1 LOGIN\r\n", "a1 BAD LOGIN syntax error: expected ' '\r\n"},
        {"a1 LOGIN x\r\n", "a1 BAD LOGIN syntax error: expected ' '\r\n"},
        {"a1 LOGIN \"x y\r\n", "a1 BAD LOGIN syntax error: expected the end of a quoted string\r\n"},
        {"a1 LOGIN \"x\\y\" z\r\n", "a1 BAD LOGIN syntax error: expected a quote or a backslash\r\n"},
        {std::string("a1 LOGIN {3+}\r\na\0b c\r\n", 22), "a1 BAD LOGIN syntax error: NUL in a literal\r\n"},
        {"a1 ID\r\n", "a1 BAD ID syntax error: expected ' '\r\n"},
        {"a1 ID x\r\n", "a1 BAD ID syntax error: expected a string or NIL\r\n"},
        {"a1 ID (\"a\" \"1\" \"A\" \"2\")\r\n", "a1 BAD ID duplicate key \"A\"\r\n"},
        {"a1 ID (\"a\" \"1\"\r\n", "a1 BAD ID syntax error: expected the end of the list\r\n"},
        {"a1 AUTHENTICATE FOO\r\n", "a1 NO AUTHENTICATE mechanism not supported\r\n"},
        {"a1 AUTHENTICATE PLAIN !!\r\n", "a1 BAD AUTHENTICATE this is no base64\r\n"},
        {"a1 AUTHENTICATE PLAIN =\r\n", "a1 BAD AUTHENTICATE malformed answer\r\n"},
        {"a1 STARTTLS\r\n", "a1 BAD STARTTLS TLS is not available\r\n"},
        {"a1 LOGIN x {102401}\r\n", "a1 BAD [TOOBIG] LOGIN literal too big\r\n"},
        {"a1 LOGIN x {99999999999999999999}\r\n", "a1 BAD [TOOBIG] LOGIN literal too big\r\n"},
    }));
    const auto piece = GENERATE(1U, 100'000U);
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    (void)driver.feed("a0 NOOP\r\n");
    CHECK(driver.feed_in_pieces(row.client, piece) == row.server);
    CHECK(driver.feed("z NOOP\r\n") == "z OK NOOP done\r\n");
}

TEST_CASE("who does not speak IMAP is told so and cut off", "[imap]") {
    const auto first = GENERATE(values<std::string>(
        {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "EHLO x\r\n", "\r\n", std::string("\x16\x03\x01\x00\n", 5)}));
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    CHECK(driver.feed(first) == "* BYE please try again speaking imap\r\n");
    CHECK(driver.next() == net::Next::close);
}

TEST_CASE("commands beyond all limits end the connection with a word", "[imap]") {
    struct Row {
        std::string client, server;
    };
    const auto row = GENERATE(values<Row>({
        {"a1 LOGIN " + std::string(imap::max_line_bytes, 'x'),
         "* BYE [ALERT] line too long\r\na1 BAD [TOOBIG] LOGIN line too long\r\n"},
        {"a1 LOGIN x {102401+}\r\n", "* BYE [ALERT] literal too big\r\na1 BAD [TOOBIG] LOGIN literal too big\r\n"},
    }));
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    (void)driver.feed("a0 NOOP\r\n");
    CHECK(driver.feed(row.client) == row.server);
    CHECK(driver.next() == net::Next::close);
}

TEST_CASE("a line of any length is refused without being kept", "[imap]") {
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    const std::string much(8192, 'x');
    int fed = 0;
    for (; fed < 1000 && driver.next() == net::Next::read; ++fed) (void)driver.feed(much);
    CHECK(fed <= 4);
}

TEST_CASE("a command has a limited number of literals", "[imap]") {
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    (void)driver.feed("a0 NOOP\r\n");
    std::string out = driver.feed("a1 ID (");
    for (int i = 0; i < 1000 && driver.next() == net::Next::read; ++i) out += driver.feed("{1+}\r\nx ");
    CHECK(out.find("too many literals") != std::string::npos);
    CHECK(driver.next() == net::Next::close);
}

TEST_CASE("errors before a login are limited", "[imap]") {
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    (void)driver.feed("a0 NOOP\r\n");
    std::string out;
    for (int i = 0; i < 100; ++i) out += driver.feed("a1 FOO\r\n");
    CHECK(out.ends_with("* BYE too many errors\r\n"));
    CHECK(driver.next() == net::Next::close);
}

TEST_CASE("capabilities say what can be done on this connection", "[imap]") {
    struct Row {
        imap::Settings settings;
        bool tls;
        std::string contains, lacks;
    };
    const auto row = GENERATE(values<Row>({
        {{.starttls = true}, false, " STARTTLS LOGINDISABLED AUTH=SCRAM-SHA-256 ", "AUTH=PLAIN"},
        {{.starttls = true}, true, " AUTH=SCRAM-SHA-256-PLUS ", "LOGINDISABLED"},
        {{.starttls = true}, true, " AUTH=PLAIN", "STARTTLS"},
        {{.starttls = true, .plain_text_passwords = true}, false, " AUTH=PLAIN", "LOGINDISABLED"},
        {{}, false, " LOGINDISABLED", "STARTTLS"},
    }));
    ImapFixture f;
    auto session = f.session(row.settings);
    SessionDriver driver(session);
    if (row.tls) driver.tls({.version = "TLSv1.3", .server_end_point = "hash", .exporter = std::string(32, 'e')});
    const std::string greeting = driver.start();
    CHECK(greeting.starts_with("* OK [" + std::string(plain_capabilities)));
    CHECK(greeting.ends_with("] mox imap\r\n"));
    CHECK((greeting + " ").find(row.contains) != std::string::npos);
    CHECK(greeting.find(row.lacks) == std::string::npos);
}

TEST_CASE("what is pipelined behind STARTTLS is dropped", "[imap]") {
    const auto piece = GENERATE(1U, 100'000U);
    ImapFixture f;
    auto session = f.session({.starttls = true});
    SessionDriver driver(session);
    (void)driver.start();
    CHECK(driver.feed_in_pieces("a1 STARTTLS\r\na2 LOGIN mjl@mox.example testpass1234\r\na3 NOOP\r\n", piece) ==
          "a1 OK STARTTLS done\r\n");
    CHECK(driver.next() == net::Next::start_tls);
    driver.tls({.version = "TLSv1.3"});
    CHECK(driver.feed("b1 NOOP\r\n") == "b1 OK NOOP done\r\n");
    CHECK(driver.feed("b2 STARTTLS\r\n") == "b2 BAD STARTTLS TLS is active already\r\n");
}

TEST_CASE("passwords are refused without TLS, before they are looked at", "[imap]") {
    ImapFixture f;
    auto session = f.session({.starttls = true});
    SessionDriver driver(session);
    (void)driver.start();
    CHECK(driver.feed("a1 LOGIN mjl@mox.example testpass1234\r\n") ==
          "a1 NO [PRIVACYREQUIRED] LOGIN TLS is required for passwords\r\n");
    CHECK(driver.feed("a2 AUTHENTICATE PLAIN " + credentials + "\r\n") ==
          "a2 NO [PRIVACYREQUIRED] AUTHENTICATE TLS is required for passwords\r\n");
    CHECK(f.users.questions == 0);
}

TEST_CASE("wrong passwords and unknown users are answered alike, later and later, and then refused", "[imap]") {
    ImapFixture f;
    int refused_at = 0;
    for (int i = 0; i < 20 && refused_at == 0; ++i) {
        auto session = f.session();
        SessionDriver driver(session);
        if (driver.start().starts_with("* BYE too many failed logins")) {
            refused_at = i;
            break;
        }
        const std::string user = i % 2 == 0 ? "mjl@mox.example" : "nobody@mox.example";
        CHECK(driver.feed("a1 LOGIN " + user + " wrongpassword\r\n") ==
              "a1 NO [AUTHENTICATIONFAILED] LOGIN bad credentials\r\n");
        if (i > 3) CHECK(driver.delayed().count() > 0);
    }
    CHECK(refused_at == 10);
    f.clock.advance(std::chrono::seconds(61));
    auto session = f.session();
    SessionDriver driver(session);
    CHECK(driver.start().starts_with("* OK "));
    CHECK(driver.feed("a1 LOGIN mjl@mox.example testpass1234\r\n").starts_with("a1 OK "));
}

TEST_CASE("one connection may fail a few times only", "[imap]") {
    ImapFixture f;
    auto session = f.session();
    SessionDriver driver(session);
    (void)driver.start();
    std::string out;
    for (int i = 0; i < 9; ++i) out += driver.feed("a1 LOGIN mjl@mox.example wrongpassword\r\n");
    CHECK(out.ends_with("* BYE too many failed logins\r\n"));
    CHECK(driver.next() == net::Next::close);
}

TEST_CASE("SCRAM goes through the session, bound to its TLS connection", "[imap]") {
    ImapFixture f;
    auto session = f.session({.starttls = true});
    SessionDriver driver(session);
    const std::string exporter = "thirty-two bytes of the exporter";
    driver.tls({.version = "TLSv1.3", .exporter = exporter});
    (void)driver.start();
    test::ScramClient client{.header = "p=tls-exporter,,", .channel = exporter};
    const std::string challenge =
        driver.feed("a1 AUTHENTICATE SCRAM-SHA-256-PLUS " + to_base64(as_bytes(client.first())) + "\r\n");
    REQUIRE(challenge.starts_with("+ "));
    const auto server_first = from_base64(trimmed(challenge.substr(2)));
    REQUIRE(server_first);
    const std::string signature = driver.feed(to_base64(as_bytes(client.final_message(*server_first))) + "\r\n");
    CHECK(from_base64(trimmed(signature.substr(2))) == client.expected_signature);
    CHECK(shortened(driver.feed("\r\n")) == "a1 OK [C] AUTHENTICATE done\r\n");
    CHECK(f.sink.text().find("account=mjl") != std::string::npos);
}

TEST_CASE("a directory that cannot be asked is no wrong password", "[imap]") {
    struct Broken final : login::Users {
        login::Lookup find(std::string_view) override { throw Error(Errc::locked, "database is locked"); }
    } broken;
    ImapFixture f;
    imap::Environment environment{.users = broken,
                                  .attempts = f.attempts,
                                  .accounts = f.accounts,
                                  .clock = f.clock,
                                  .hostname = "h",
                                  .secret = "s",
                                  .version = "1"};
    imap::Session session(environment, {.plain_text_passwords = true}, net::Peer{.ip = "192.0.2.1"},
                          log::Logger(f.shared, "net"));
    SessionDriver driver(session);
    (void)driver.start();
    CHECK(driver.feed("a1 LOGIN mjl@mox.example testpass1234\r\n").starts_with("a1 NO [UNAVAILABLE] LOGIN "));
    CHECK(driver.feed("a2 AUTHENTICATE PLAIN " + credentials + "\r\n").starts_with("a2 NO [UNAVAILABLE] "));
}
