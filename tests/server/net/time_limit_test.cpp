#include <catch2/catch.hpp>

#include "server/net/running_server.hpp"

using namespace mox;
using test::Client;
using test::RunningServer;
using namespace std::chrono_literals;

// Time passes by RunningServer::pass_time(), never by waiting.

TEST_CASE("a client that sends a byte now and then does not keep its place without a login", "[net]") {
    RunningServer server({.patience = 30s, .time_limit = 120s});
    Client slow(server.port());
    CHECK(slow.line() == "hello\n");
    for (int passed = 29; passed < 120; passed += 29) {
        server.pass_time(29s);
        slow.send("x");
        CHECK(server.connections() == 1);
    }
    server.pass_time(29s);
    slow.send("x");
    CHECK(slow.rest() == "bye: too late\n");
    server.wait_until_connections(0);
}

TEST_CASE("a client that has logged in may stay, and silence is silence", "[net]") {
    RunningServer server({.patience = 3600s, .time_limit = 120s});
    Client client(server.port());
    CHECK(client.line() == "hello\n");
    server.pass_time(100s);
    client.send("login\n");
    CHECK(client.line() == "in\n");
    server.pass_time(1000s);
    client.send("echo still\n");
    CHECK(client.line() == "still\n");
}

TEST_CASE("a client that talks all the time does not keep its place without a login either", "[net]") {
    RunningServer server({.patience = 30s, .time_limit = 120s});
    Client client(server.port());
    CHECK(client.line() == "hello\n");
    std::jthread talking([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) client.send("echo x\n");
    });
    for (int i = 0; i < 100; ++i) CHECK(client.line() == "x\n");
    server.pass_time(120s);
    std::string last;
    for (std::string line = client.line(); !line.empty(); line = client.line()) last = line;
    CHECK(last == "bye: too late\n");
    server.wait_until_connections(0);
}
