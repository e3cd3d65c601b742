#include "server/auth/attempt_limiter.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"

using namespace mox;
using namespace mox::login;
using namespace std::chrono_literals;

namespace {

IpAddress ip(const std::string& text) {
    return IpAddress::parse(text);
}

void fail(AttemptLimiter& limiter, const std::string& address, int times) {
    for (int i = 0; i < times; ++i) (void)limiter.add_failure(ip(address));
}

constexpr std::int64_t midnight = 1'795'305'600;

}  // namespace

TEST_CASE("addresses of one class have one prefix", "[limiter]") {
    struct Case {
        std::string one, other;
        Breadth breadth;
        bool same;
    };
    const std::vector<Case> cases{
        {"192.0.2.1", "192.0.2.2", Breadth::narrow, false},
        {"192.0.2.1", "192.0.2.63", Breadth::middle, true},
        {"192.0.2.1", "192.0.2.64", Breadth::middle, false},
        {"192.0.0.1", "192.0.7.255", Breadth::wide, true},
        {"192.0.0.1", "192.0.8.0", Breadth::wide, false},
        {"192.0.2.1", "::ffff:192.0.2.1", Breadth::narrow, true},
        {"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", Breadth::narrow, true},
        {"2001:db8::1", "2001:db8:0:1::1", Breadth::narrow, false},
        {"2001:db8::1", "2001:db8:0:ffff::1", Breadth::middle, true},
        {"2001:db8::1", "2001:db8:1::1", Breadth::middle, false},
        {"2001:db8::1", "2001:db8:ffff::1", Breadth::wide, true},
        {"2001:db8::1", "2001:db9::1", Breadth::wide, false},
        {"0.0.0.1", "::1", Breadth::wide, false},
    };
    for (const auto& entry : cases) {
        INFO(entry.one << " " << entry.other);
        CHECK((class_of(ip(entry.one), entry.breadth) == class_of(ip(entry.other), entry.breadth)) == entry.same);
    }
    for (const std::string text : {"", "1.2.3", "192.0.2.1 ", "fe80::1%eth0", "mox.example", "1.2.3.256"})
        CHECK_THROWS_AS(ip(text), Error);
}

TEST_CASE("ten failures of an address in a minute are enough", "[limiter]") {
    FixedClock clock(midnight);
    AttemptLimiter limiter(clock);
    fail(limiter, "192.0.2.1", 9);
    CHECK(limiter.allows(ip("192.0.2.1"), Protocol::imap));
    fail(limiter, "192.0.2.1", 1);
    CHECK_FALSE(limiter.allows(ip("192.0.2.1"), Protocol::imap));
    CHECK_FALSE(limiter.allows(ip("::ffff:192.0.2.1"), Protocol::submission));
    CHECK_FALSE(limiter.allows(ip("192.0.2.1"), Protocol::submission));
    CHECK(limiter.allows(ip("192.0.2.2"), Protocol::imap));
    CHECK(limiter.refusals(Protocol::imap) == 1);
    CHECK(limiter.refusals(Protocol::submission) == 2);
    CHECK(limiter.refusals(Protocol::web_account) == 0);
    CHECK(limiter.add_failure(ip("192.0.2.1")) == 8s);
    clock.advance(60s);
    CHECK(limiter.allows(ip("192.0.2.1"), Protocol::imap));
    fail(limiter, "192.0.2.1", 10);
    CHECK_FALSE(limiter.allows(ip("192.0.2.1"), Protocol::imap));
}

TEST_CASE("networks have limits of their own", "[limiter]") {
    FixedClock clock(midnight);
    AttemptLimiter limiter(clock);
    for (int host = 1; host <= 30; ++host) fail(limiter, "192.0.2." + std::to_string(host), 1);
    CHECK_FALSE(limiter.allows(ip("192.0.2.60"), Protocol::imap));  // /26
    CHECK(limiter.allows(ip("192.0.2.70"), Protocol::imap));
    for (int host = 1; host <= 30; ++host) fail(limiter, "192.0.3." + std::to_string(host), 1);
    for (int host = 1; host <= 30; ++host) fail(limiter, "192.0.4." + std::to_string(host), 1);
    CHECK_FALSE(limiter.allows(ip("192.0.7.255"), Protocol::imap));  // /21
    CHECK(limiter.allows(ip("192.0.8.1"), Protocol::imap));
}

TEST_CASE("a day has its limit, too", "[limiter]") {
    FixedClock clock(midnight);
    AttemptLimiter limiter(clock);
    for (int minute = 0; minute < 6; ++minute) {
        fail(limiter, "2001:db8::1", 9);
        clock.advance(60s);
    }
    CHECK_FALSE(limiter.allows(ip("2001:db8::2"), Protocol::imap));  // 50 of a /64
    clock.advance(23h);
    CHECK_FALSE(limiter.allows(ip("2001:db8::2"), Protocol::imap));
    clock.advance(1h);
    CHECK(limiter.allows(ip("2001:db8::2"), Protocol::imap));
    CHECK(limiter.size() == 0);
}

TEST_CASE("answers to failures are held back longer and longer", "[limiter]") {
    FixedClock clock(midnight);
    AttemptLimiter limiter(clock);
    std::vector<std::chrono::milliseconds> delays;
    for (int i = 0; i < 10; ++i) {
        delays.push_back(limiter.add_failure(ip("192.0.2.1")));
        clock.advance(30s);
    }
    CHECK(delays == std::vector<std::chrono::milliseconds>{0ms, 0ms, 250ms, 500ms, 1s, 2s, 4s, 8s, 8s, 8s});
    CHECK(limiter.add_failure(ip("192.0.2.2")) == 0ms);
}

TEST_CASE("a success takes an address's own failures back", "[limiter]") {
    FixedClock clock(midnight);
    AttemptLimiter limiter(clock);
    fail(limiter, "192.0.2.1", 9);
    fail(limiter, "192.0.2.2", 9);
    fail(limiter, "192.0.2.3", 9);
    limiter.forgive(ip("192.0.2.1"));
    fail(limiter, "192.0.2.1", 9);
    CHECK(limiter.allows(ip("192.0.2.1"), Protocol::imap));
    fail(limiter, "192.0.2.4", 3);
    CHECK_FALSE(limiter.allows(ip("192.0.2.9"), Protocol::imap));  // 30 of the /26 all the same
    limiter.forgive(ip("192.0.2.9"));
    CHECK_FALSE(limiter.allows(ip("192.0.2.9"), Protocol::imap));
    for (int host = 1; host <= 4; ++host) limiter.forgive(ip("192.0.2." + std::to_string(host)));
    CHECK(limiter.size() == 0);
}

TEST_CASE("a clock that jumps back keeps nobody out", "[limiter]") {
    FixedClock clock(midnight + 100);
    AttemptLimiter limiter(clock);
    fail(limiter, "192.0.2.1", 10);
    clock.advance(-2h);
    CHECK(limiter.allows(ip("192.0.2.1"), Protocol::imap));
    fail(limiter, "192.0.2.1", 10);
    CHECK_FALSE(limiter.allows(ip("192.0.2.1"), Protocol::imap));
    FixedClock before_1970(-100);
    AttemptLimiter early(before_1970);
    fail(early, "192.0.2.1", 10);
    CHECK_FALSE(early.allows(ip("192.0.2.1"), Protocol::imap));
}
