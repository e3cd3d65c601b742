#include <sys/un.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <mutex>

#include "base/error.hpp"
#include "server/net/running_server.hpp"

using namespace mox;

namespace {

std::string failure_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("work of one strand stays in order, that of others does not wait for it", "[net]") {
    std::mutex mutex;
    std::vector<int> order;
    std::atomic<int> inside = 0;
    bool overlapped = false;
    {
        net::Workers workers(4);
        std::promise<void> others;
        workers.submit("a", [&] { others.get_future().get(); });  // holds strand a until b has run
        for (int i = 0; i < 100; ++i)
            workers.submit("a", [&, i] {
                if (++inside > 1) overlapped = true;
                const std::lock_guard lock(mutex);
                order.push_back(i);
                --inside;
            });
        workers.submit("b", [&] { others.set_value(); });
        std::promise<void> last;
        workers.submit("a", [&] { last.set_value(); });
        last.get_future().get();
    }
    CHECK_FALSE(overlapped);
    REQUIRE(order.size() == 100);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("workers that stop drop what waits and finish what runs", "[net]") {
    std::atomic<int> ran = 0;
    net::Workers workers(1);
    std::promise<void> started, go;
    workers.submit("", [&] {
        started.set_value();
        go.get_future().get();
        ++ran;
    });
    for (int i = 0; i < 10; ++i) workers.submit("", [&] { ++ran; });
    started.get_future().get();
    std::thread stopper([&] { workers.stop(); });
    (void)::poll(nullptr, 0, 20);
    go.set_value();
    stopper.join();
    CHECK(ran == 1);
    workers.submit("", [&] { ++ran; });
    CHECK(ran == 1);
}

TEST_CASE("new connections are limited in each minute, and a clock that jumps back changes nothing", "[net]") {
    FixedClock clock(600);
    net::ConnectionLimits limits(clock, {.simultaneous = {9, 9, 9}, .per_minute = {2, 9, 9}});
    const auto address = login::IpAddress::parse("192.0.2.1");
    const auto once = [&] {
        const auto refusal = limits.add(address);
        if (refusal == net::ConnectionLimits::Refusal::none) limits.remove(address);
        return refusal;
    };
    CHECK(once() == net::ConnectionLimits::Refusal::none);
    CHECK(once() == net::ConnectionLimits::Refusal::none);
    CHECK(once() == net::ConnectionLimits::Refusal::too_fast);
    clock.advance(std::chrono::seconds(60));
    CHECK(once() == net::ConnectionLimits::Refusal::none);
    clock.advance(std::chrono::seconds(-100'000));
    CHECK(once() == net::ConnectionLimits::Refusal::none);
    CHECK(limits.open() == 0);
    CHECK(limits.size() == 3);
}

TEST_CASE("connections from this host have no limits of their own", "[net]") {
    FixedClock clock(600);
    net::ConnectionLimits limits(clock, {.simultaneous = {1, 1, 1}, .per_minute = {1, 1, 1}, .in_all = 3});
    using Refusal = net::ConnectionLimits::Refusal;
    const auto add = [&](const char* text) { return limits.add(login::IpAddress::parse(text)); };
    for (const char* here : {"127.0.0.1", "127.0.0.1", "::1"}) CHECK(add(here) == Refusal::none);
    CHECK(add("127.9.9.9") == Refusal::full);
    CHECK(limits.size() == 0);
    for (const char* here : {"127.0.0.1", "127.0.0.1", "::1"}) limits.remove(login::IpAddress::parse(here));
    CHECK(limits.open() == 0);
    for (const char* there : {"128.0.0.1", "::2"}) {
        CHECK(add(there) == Refusal::none);
        CHECK(add(there) == Refusal::too_many);
    }
    CHECK(add("::ffff:128.0.0.1") == Refusal::too_many);
    CHECK(add("::ffff:127.0.0.1") == Refusal::none);
}

TEST_CASE("addresses that cannot be listened on are named, with what to do", "[net]") {
    const UniqueFd taken = net::listen_tcp({"127.0.0.1", 0});
    const auto port = net::local_endpoint(taken.get())->port;
    CHECK(failure_of([&] {
              (void)net::listen_tcp({"127.0.0.1", port});
          }) == "listen on '127.0.0.1:" + std::to_string(port) + "': address already in use");
    CHECK(failure_of([] {
              (void)net::listen_tcp({"192.0.2.1", 0});
          }) == "listen on '192.0.2.1:0': cannot assign requested address");
    CHECK(failure_of([] { (void)net::listen_tcp({"localhost", 0}); }) == "'localhost' is no IP address");
    CHECK(to_string(net::Endpoint{"2001:db8::1", 993}) == "[2001:db8::1]:993");
}

TEST_CASE("a control socket replaces that of a server that was killed, and nothing else", "[net]") {
    const test::TempDir folder;
    const auto path = folder / "ctl";
    (void)net::listen_local(path, {});  // closed, but still there
    const UniqueFd fd = net::listen_local(path, {});
    CHECK((status_of(path)->st_mode & 0777) == 0600);
    folder.write("file", "contents");
    CHECK(failure_of([&] { (void)net::listen_local(folder / "file", {}); }).ends_with("is no socket"));
    CHECK(read_file(folder / "file") == "contents");
    CHECK(failure_of([&] { (void)net::listen_local(folder / std::string(200, 'x'), {}); }).find("too long") !=
          std::string::npos);
}

TEST_CASE("passed sockets are for the process that they were meant for", "[net]") {
    ::setenv("LISTEN_PID", "1", 1);
    ::setenv("LISTEN_FDS", "1", 1);
    CHECK(net::take_passed_sockets().empty());
    CHECK(std::getenv("LISTEN_FDS") == nullptr);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", "x", 1);
    CHECK(net::take_passed_sockets().empty());
}

TEST_CASE("certificates and keys that cannot be used are named, with what is wrong", "[net]") {
    const test::TempDir folder;
    const auto one = test::write_certificate(folder, "one.example"),
               two = test::write_certificate(folder, "two.example");
    const auto garbage = folder.write("garbage", "no PEM\n");
    const auto broken = folder.write("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    const auto missing = folder / "missing";
    struct Row {
        std::filesystem::path certificate, key;
        std::string message;
    };
    const auto quoted = [](const std::filesystem::path& path) { return "'" + path.string() + "'"; };
    for (const auto& row : std::vector<Row>{
             {one.certificate, two.key,
              "the key " + quoted(two.key) + " does not belong to the certificate " + quoted(one.certificate)},
             {missing, one.key, "TLS certificate: open " + quoted(missing) + ": no such file or directory"},
             {one.certificate, missing, "TLS key: open " + quoted(missing) + ": no such file or directory"},
             {garbage, one.key, "TLS certificate: " + quoted(garbage) + ": there is no certificate in PEM form"},
             {broken, one.key, "TLS certificate: " + quoted(broken) + ": a certificate is broken"},
             {one.key, one.key, "TLS certificate: " + quoted(one.key) + ": there is no certificate in PEM form"},
             {one.certificate, garbage, "TLS key: " + quoted(garbage) + ": there is no private key in PEM form"},
             {one.certificate, one.certificate,
              "TLS key: " + quoted(one.certificate) + ": there is no private key in PEM form"},
         })
        CHECK(failure_of([&] { (void)net::TlsContext::load({{row.certificate, row.key}}); }) == row.message);
}

TEST_CASE("a certificate that has expired is used, and named", "[net]") {
    const test::TempDir folder;
    const auto old = test::write_certificate(folder, "old.example", keys::KeyKind::ecdsa, -2000, -1000);
    const auto loaded = net::TlsContext::load({{old.certificate, old.key}});
    REQUIRE(loaded->warnings().size() == 1);
    CHECK(loaded->warnings().front() == "the certificate '" + old.certificate.string() + "' has expired");
}
