#include "outlet/mbox_entry.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "common/intake/reading.hpp"
#include "writing.hpp"

using namespace mox;
using namespace mox::outlet;

namespace {

// Writes the messages into one mbox and reads it back; every message must be the same.
void check_round_trip(const std::vector<std::pair<Message, std::string>>& messages, std::size_t chunk = 0) {
    std::string mbox;
    for (const auto& [message, text] : messages) append_entry(mbox, message, contents_of(text, chunk));
    const auto source = intake::mbox_of(mbox, 4093);
    for (const auto& [message, text] : messages) {
        const auto raw = source->next();
        REQUIRE(raw);
        auto body = std::get<intake::InlineBody>(raw->body).bytes.text();
        INFO("entry:\n" << escaped(body.substr(0, 2000)));
        std::string stored;
        const auto metadata = intake::convert(*raw, [&](auto piece) { stored += as_text(piece); });
        CHECK(stored == text);
        CHECK(metadata.size_bytes == text.size());
        CHECK(metadata.marks.flags == message.flags);
        CHECK(metadata.marks.keywords == message.keywords);
        CHECK(metadata.marks.rejected.empty());
        REQUIRE(metadata.received);
        CHECK(*metadata.received == message.received);
        CHECK(metadata.received->offset_minutes == message.received.offset_minutes);
        CHECK(metadata.warnings.empty());
    }
    CHECK_FALSE(source->next());
    CHECK(source->warnings().count == 0);
}

Message plain(std::int64_t seconds = 1'700'000'000) {
    return {.id = 1, .uid = 1, .received = {.seconds = seconds}, .sender = "ann@example.org"};
}

}  // namespace

TEST_CASE("an entry of an mbox looks as other programs expect it", "[outlet]") {
    Message message = plain();
    message.flags = model::Flag::seen | model::Flag::flagged | model::Flag::junk;
    message.keywords = {"todo", "work"};
    message.received = {.seconds = 1'700'000'000, .nanoseconds = 500'000'000, .offset_minutes = -90};
    std::string mbox;
    append_entry(mbox, message, contents_of("Subject: a\r\n\r\nFrom here\r\n>From there\r\nend\r\n"));
    CHECK(mbox ==
          "From ann@example.org Tue Nov 14 22:13:20 2023\n"
          "X-Mox-Export: 1 received=1700000000 nanoseconds=500000000 offset=-90\n"
          "Status: RO\n"
          "X-Status: F\n"
          "X-Keywords: $Junk todo work\n"
          "Subject: a\n"
          "\n"
          ">From here\n"
          ">>From there\n"
          "end\n"
          "\n");
}

TEST_CASE("whatever a message is made of, it comes back from an mbox byte for byte", "[outlet]") {
    const std::string text = GENERATE(
        "", "\r\n", "\r\n\r\n", "a: b\r\n", "a: b\r\n\r\nbody\r\n", "a: b\r\n\r\nbody\r\n\r\n\r\n",
        "no header at all\r\n", "\r\nbody only\r\n", " starts with a blank\r\nx\r\n", "\tstarts with a tab\r\n",
        "a: b\r\n\r\nno end", "a: b\r\n\r\nends in CR\r", "a: b\n\nbare LF\n", "a: b\r\n\nmixed\r\n", "\n", "\r", "x",
        "a: b\r\n\r\na\r\r\nb\r\n", "\r\r\n\r\n", "a: b\r\n\r\nCR\rin a line\r\n",
        std::string("a: \0\r\n\r\n\0\r\n", 11),
        "From the start\r\n\r\nFrom x Mon Jan  2 15:04:05 2006\r\n\r\nFrom y Mon Jan  2 15:04:05 2006\r\n",
        "From x Mon Jan  2 15:04:05 2006\n\nFrom y Mon Jan  2 15:04:05 2006\n", ">From\r\n>>>From \r\n>From x\r\n",
        "Status: RO\r\nX-Status: AFTD\r\nX-Keywords: foo, bar\r\n\r\nbody\r\n",
        "status : RO\r\nSTATUS: R\r\n folded\r\nX-KEYWORDS:\r\n foo\r\n\r\n",
        "X-Mox-Export: 1 received=5\r\nStatus: RO\r\n\r\n", "X-Mox-Kept-Status: R\r\nX-Mox-Kept-: x\r\n\r\n",
        "x-mox-kept-Status: R\r\nX-Mox-Kept-X-Mox-Kept-Status: R\r\n\r\n",
        "Content-Length: 5\r\nX-UID: 7\r\n\r\nbody\r\n",
        "a: b\r\n\r\nStatus: in the body\r\nX-Mox-Kept-Status: too\r\n", "Status: RO", "Status: RO\n\nx",
        "Status without colon\r\n more\r\n\r\n",
        "X-IMAPbase: 1 2 three\r\nX-Mozilla-Keys: a\r\nX-Gmail-Labels: b\r\n\r\n");
    INFO(escaped(text));
    check_round_trip({{plain(), text}, {plain(), "s: after\r\n\r\nx\r\n"}, {plain(), text}});
    for (const std::size_t chunk : {1U, 2U, 7U}) check_round_trip({{plain(), text}, {plain(), text}}, chunk);
}

TEST_CASE("flags, keywords and dates come back from an mbox", "[outlet]") {
    for (unsigned bits = 0; bits < 1024; bits += 1) {
        Message message = plain();
        message.flags = model::Flags::from_bits(bits);
        if (bits % 7 == 0) message.keywords = {"a", "junk", "x,y"};
        check_round_trip({{message, "Status: RO\r\nX-Keywords: other\r\n\r\nx\r\n"}});
    }
    Message many = plain();
    for (int i = 0; i < 1000; ++i) many.keywords.push_back("keyword-" + std::to_string(1000 + i));
    many.keywords.resize(990);
    check_round_trip({{many, "a: b\r\n\r\n"}});
    for (const Timestamp time : {Timestamp{}, Timestamp{-1, 999'999'999, 1440}, Timestamp{-99'999'999'999, 1, -1440},
                                 Timestamp{253'402'300'799, 0, 0}, Timestamp{253'402'300'800, 5, 60},
                                 Timestamp{1'700'000'000, 123'456'789, -345}}) {
        Message message = plain();
        message.received = time;
        check_round_trip({{message, "a: b\r\n\r\n"}, {message, ""}});
    }
}

TEST_CASE("an odd sender does not spoil the From line", "[outlet]") {
    Message message = plain();
    for (const std::string sender :
         {"", "MAILER-DAEMON", "no-at", "a b@example.org", "a\n@example.org", "\xff@example.org"}) {
        message.sender = sender;
        CHECK(from_line(message) == "From MAILER-DAEMON Tue Nov 14 22:13:20 2023");
    }
    message.sender = std::string(600, 'x') + "@example.org";
    CHECK(from_line(message).starts_with("From MAILER-DAEMON "));
    message.sender = "j\xc3\xb6rg@example.org";
    CHECK(from_line(message) == "From j\xc3\xb6rg@example.org Tue Nov 14 22:13:20 2023");
}

TEST_CASE("a line longer than any buffer goes through an mbox", "[outlet]") {
    const std::string quotes(1 << 20, '>');
    check_round_trip({{plain(), "a: b\r\n\r\n" + quotes + "From x\r\n" + quotes + "Fro\r\n"},
                      {plain(), std::string(1 << 20, 'x') + "\r\n" + std::string((1 << 19) - 1, '\r') + "\r\n"}},
                     65536);
}

TEST_CASE("messages put together from hostile pieces come back from an mbox", "[outlet]") {
    const std::vector<std::string> pieces{"\r\n",
                                          "\n",
                                          "\r",
                                          "From ",
                                          ">",
                                          ">From ",
                                          "Status: RO",
                                          "X-Keywords: a",
                                          " ",
                                          "\t",
                                          "x",
                                          ":",
                                          "X-Mox-Export: 1 received=1",
                                          "X-Mox-Kept-",
                                          "Content-Length: 9",
                                          "\r\n\r\n",
                                          "From a@b Mon Jan  2 15:04:05 2006\r\n",
                                          std::string(1, '\0'),
                                          "Subject: y\r\n",
                                          "\r\n\r\nFrom "};
    std::mt19937 random(7);
    for (int run = 0; run < 400; ++run) {
        std::vector<std::pair<Message, std::string>> messages;
        for (int i = 0; i < 4; ++i) {
            std::string text;
            for (auto n = random() % 12; n > 0; --n) text += pieces[random() % pieces.size()];
            if (random() % 2 == 0) text += "\r\n";
            Message message = plain(static_cast<std::int64_t>(random()) - (1 << 30));
            message.flags = model::Flags::from_bits(static_cast<std::uint32_t>(random() % 1024));
            messages.emplace_back(message, text);
        }
        check_round_trip(messages, random() % 5);
    }
}
