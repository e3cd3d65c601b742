#include <catch2/catch.hpp>

#include "server/imap/fixture.hpp"

using namespace mox;
using test::ImapFixture;
using test::SessionDriver;

TEST_CASE("the time for a login is limited, and a failed one gives no more of it", "[imap]") {
    ImapFixture f;
    imap::Session session = f.session();
    SessionDriver client(session);
    (void)client.start();
    CHECK(session.time_limit() == std::chrono::minutes(2));
    CHECK(client.feed("a LOGIN mjl@mox.example wrongpassword\r\nb NOOP\r\n").find("a NO ") != std::string::npos);
    CHECK(session.time_limit() == std::chrono::minutes(2));
    CHECK(session.farewell(net::Farewell::not_in_time) == "* BYE you took too long to log in\r\n");
    CHECK(client.feed("c LOGIN mjl@mox.example testpass1234\r\n").find("c OK ") != std::string::npos);
    CHECK_FALSE(session.time_limit());
}
