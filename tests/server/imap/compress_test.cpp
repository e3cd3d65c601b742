#include <catch2/catch.hpp>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::ImapFixture;
using test::MailFixture;
using test::SessionDriver;

namespace {

bool offers_compression(const std::string& answer) {
    return answer.find(" COMPRESS=DEFLATE") != std::string::npos;
}

}  // namespace

TEST_CASE("compression is offered to who is logged in, and begins once", "[imap]") {
    MailFixture f;
    const auto piece = GENERATE(1U, 2U, 7U, 100'000U);
    imap::Session session = f.session({.starttls = true, .plain_text_passwords = true});
    SessionDriver client(session);
    const auto ask = [&](const std::string& lines) { return client.feed_in_pieces(lines + "\r\n", piece); };
    CHECK_FALSE(offers_compression(client.start()));
    CHECK_FALSE(offers_compression(ask("a CAPABILITY")));
    CHECK(ask("b COMPRESS DEFLATE") == "b BAD COMPRESS not in this state: log in first\r\n");
    CHECK(offers_compression(ask("c LOGIN mjl@mox.example testpass1234")));
    CHECK(offers_compression(ask("d CAPABILITY")));
    CHECK(ask("e COMPRESS") == "e BAD COMPRESS syntax error: expected ' '\r\n");
    CHECK(ask("e COMPRESS GZIP") == "e BAD COMPRESS unknown mechanism\r\n");
    CHECK(ask("e COMPRESS DEFLATE x") == "e BAD COMPRESS syntax error: unexpected text at the end\r\n");
    CHECK_FALSE(client.is_compressed());
    // What is behind the command reaches the session again.
    CHECK(ask("f compress deflate\r\ng NOOP\r\nh SELECT {5+}\r\nInbox")
              .find("f OK compress done\r\ng OK NOOP done\r\n") == 0);
    CHECK(client.is_compressed());
    CHECK_FALSE(offers_compression(ask("i CAPABILITY")));
    CHECK(ask("j COMPRESS DEFLATE") == "j NO [COMPRESSIONACTIVE] COMPRESS compression is active already\r\n");
    CHECK(ask("k STARTTLS") == "k BAD STARTTLS not in this state: you are logged in\r\n");
    CHECK(client.next() == net::Next::read);
}
