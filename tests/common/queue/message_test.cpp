#include "queue/message.hpp"

#include <catch2/catch.hpp>

using namespace mox;
using namespace mox::queue;

TEST_CASE("valid addresses are accepted", "[queue]") {
    struct Row {
        std::string localpart, domain;
    };
    for (const auto& row : {
             Row{"mjl", "mox.example"},
             Row{"a b\"c", "mox.example"},
             Row{"jösé", "bücher.example"},
             Row{"x", "localhost"},
             Row{"x", "_dmarc.mox.example"},
             Row{"x", "[192.0.2.1]"},
             Row{"x", "[IPv6:2001:db8::1]"},
             Row{std::string(256, 'a'), std::string(63, 'b') + ".example"},
         }) {
        INFO(row.localpart << "@" << row.domain);
        CHECK(address_problem({row.localpart, row.domain}).empty());
    }
}

TEST_CASE("what is no address is refused with a reason", "[queue]") {
    struct Row {
        std::string localpart, domain;
        std::string_view reason;
    };
    for (const auto& row : {
             Row{"", "mox.example", "no localpart"},
             Row{"mjl", "", "no domain"},
             Row{"a\nb", "mox.example", "localpart with a control character"},
             Row{"a\xff", "mox.example", "localpart not UTF-8"},
             Row{std::string(257, 'a'), "mox.example", "localpart longer than 256 bytes"},
             Row{"x", "Mox.example", "domain not in lower case"},
             Row{"x", "mox.example.", "domain with an empty label"},
             Row{"x", ".example", "domain with an empty label"},
             Row{"x", "mox..example", "domain with an empty label"},
             Row{"x", "-mox.example", "domain label with '-' at an end"},
             Row{"x", "mox example", "domain with an invalid character"},
             Row{"x", "mox.example>", "domain with an invalid character"},
             Row{"x", "m\xf6x.example", "domain not UTF-8"},
             Row{"x", std::string(64, 'b') + ".example", "domain label longer than 63 bytes"},
             Row{"x", std::string(256, 'b'), "domain longer than 255 bytes"},
             Row{"x", "[192.0.2.1", "address literal without ']'"},
             Row{"x", "[", "address literal without ']'"},
             Row{"x", "[]", "address literal without a valid address"},
             Row{"x", "[192.0.2.256]", "address literal without a valid address"},
             Row{"x", "[2001:db8::1]", "address literal without a valid address"},
             Row{"x", std::string("[192.0.2.1\0]", 12), "address literal without a valid address"},
         }) {
        INFO(row.localpart << "@" << row.domain);
        CHECK(address_problem({row.localpart, row.domain}) == row.reason);
    }
}

TEST_CASE("a message that cannot be in the queue is told why", "[queue]") {
    constexpr std::int64_t now = 1'700'000'000;
    const auto good = [] {
        Message message;
        message.envelope.queued = {.seconds = now};
        message.envelope.recipient = {"x", "y.example"};
        message.pending = Pending{.prefix = "ab", .next_attempt = now};
        message.size = 2;
        return message;
    };
    CHECK(message_problem(good()).empty());
    struct Row {
        std::string_view reason;
        void (*spoil)(Message&);
    };
    for (const auto& row : std::initializer_list<Row>{
             {"neither pending nor retired", [](Message& m) { m.pending.reset(); }},
             {"both pending and retired", [](Message& m) { m.retired.emplace(); }},
             {"recipient '': no localpart", [](Message& m) { m.envelope.recipient = {}; }},
             {"sender 'a@': no domain",
              [](Message& m) {
                  m.envelope.sender = {"a", ""};
              }},
             {"prefix larger than size", [](Message& m) { m.size = 1; }},
             {"negative size", [](Message& m) { m.size = -1; }},
             {"time of queueing 0 is not between the years 2000 and 2200", [](Message& m) { m.envelope.queued = {}; }},
             {"time of the next attempt -1 is not between the years 2000 and 2200",
              [](Message& m) { m.pending->next_attempt = -1; }},
             {"negative number of attempts", [](Message& m) { m.attempts = -1; }},
             {"attempts, but no time of the last one", [](Message& m) { m.attempts = 1; }},
             {"no attempts, but a time of the last one", [](Message& m) { m.last_attempt = m.envelope.queued; }},
             {"0 attempts, but results of 1", [](Message& m) { m.history.emplace_back(); }},
             {"last attempt long before it was queued",
              [](Message& m) {
                  m.attempts = 1;
                  m.last_attempt = Timestamp{.seconds = now - 100'000};
              }},
         }) {
        Message message = good();
        row.spoil(message);
        CHECK(message_problem(message) == row.reason);
    }
}
