#include <catch2/catch.hpp>

#include "base/parallel.hpp"
#include "intake/stored_form.hpp"
#include "reading.hpp"

using namespace mox;
using namespace mox::intake;
using model::Flag;
using namespace std::string_literals;

namespace {

Read convert_text(std::string_view text, std::optional<Timestamp> received = std::nullopt, bool is_mbox = true) {
    RawMessage raw{.origin = "here", .received = received};
    raw.body = InlineBody{.bytes = ByteBuffer(text), .is_mbox = is_mbox};
    return convert_whole(std::move(raw));
}

}  // namespace

TEST_CASE("flags and keywords come from the fields of the header", "[intake]") {
    struct Row {
        std::string header;
        model::Flags flags;
        model::Keywords keywords = {};
        std::vector<std::string> rejected = {};
    };
    for (const auto& row : {
             Row{"Status: RO\n", Flag::seen},
             Row{"Status: O\n", {}},
             Row{"Status:R", Flag::seen},
             Row{"STATUS : R\n", Flag::seen},
             Row{"status:\n R\n", Flag::seen},
             Row{"X-Status: AFTD\n", Flag::answered | Flag::flagged | Flag::draft | Flag::deleted},
             Row{"x-status:\tA\r\n", Flag::answered},
             Row{"Status: O\nX-Status: F\nStatus: R\n", Flag::seen | Flag::flagged},
             Row{"X-Keywords: b,a , B\n", {}, {"a", "b"}},
             Row{"X-KEYWORDS: one two   three   \n", {}, {"one", "three", "two"}},
             Row{"X-Keywords: a,\n\tb\n  c\n", {}, {"a", "b", "c"}},
             Row{"X-Keywords: $Junk,NonJunk $forwarded phishing,mdnsent\n",
                 Flag::junk | Flag::not_junk | Flag::forwarded | Flag::phishing | Flag::mdn_sent},
             Row{"X-Keywords: \\Seen,\\Recent\n", Flag::seen},
             Row{"X-Keywords: bad(one, good, bad(one, caf\xc3\xa9\n", {}, {"bad_one", "caf_", "good"}},
             Row{"X-Keywords: ((, good\n", {}, {"good"}, {"(("}},
             Row{"X-Keywords:\nX-Keywords: ,, ,\n", {}},
             Row{"X-Keywords: a\r, b\n", {}, {"a", "b"}},
             // None of these is the field.
             Row{"X-Statuses: A\n", {}},
             Row{"Status\n", {}},
             Row{" Status: R\n", {}},
             Row{"X: y\n Status: R\n", {}},
             Row{"My-Status: R\n", {}},
             Row{"Status R\n", {}},
             Row{"X-Status: rafx\n", {}},
             Row{"\nStatus: R\nX-Keywords: a\n", {}},
             Row{"\r\nStatus: R\n", {}},
             Row{"A: b\n\nX-Status: A\n", {}},
         }) {
        INFO(row.header);
        const auto read = convert_text(row.header);
        CHECK(read.metadata.marks.flags == row.flags);
        CHECK(read.metadata.marks.keywords == row.keywords);
        CHECK(read.metadata.marks.rejected == row.rejected);
        CHECK(read.metadata.warnings.size() == (row.header.find("\r,") != std::string::npos ? 1 : 0));
        CHECK(convert_text(row.header, std::nullopt, false).metadata.marks.flags.empty());
    }
}

TEST_CASE("the date of receipt is known beforehand, or from the Date field, or not at all", "[intake]") {
    struct Row {
        std::string header;
        std::optional<std::int64_t> seconds;
    };
    for (const auto& row : {
             Row{"Date: Thu, 22 Aug 2002 14:36:23 +0200\n", 1030019783},
             Row{"A: b\ndate:Thu, 22 Aug 2002\n 14:36:23 +0200\n\nx\n", 1030019783},
             Row{"Date: Thu, 22 Aug 2002 14:36:23 +0200\nDate: Fri, 1 Jan 1999 00:00:00 +0000\n", 1030019783},
             Row{"Date: yesterday\n", std::nullopt},
             Row{"Date:\n", std::nullopt},
             Row{"\nDate: Thu, 22 Aug 2002 14:36:23 +0200\n", std::nullopt},
             Row{"X-Date: Thu, 22 Aug 2002 14:36:23 +0200\n", std::nullopt},
             Row{"", std::nullopt},
         }) {
        INFO(row.header);
        const auto read = convert_text(row.header).metadata;
        CHECK(read.received.has_value() == row.seconds.has_value());
        if (row.seconds) CHECK(read.received->seconds == *row.seconds);
        CHECK(read.received_from == (row.seconds ? ReceivedFrom::date_header : ReceivedFrom::nothing));
        const auto known = convert_text(row.header, Timestamp{.seconds = 5}).metadata;
        CHECK(known.received->seconds == 5);
        CHECK(known.received_from == ReceivedFrom::from_line);
    }
}

TEST_CASE("odd bytes are kept and told", "[intake]") {
    const auto plain = convert_text("A: b\r\n\nx\n");
    CHECK(plain.metadata.warnings.empty());
    const auto odd = convert_text("a\rb\r\r\n\0\0\nend\r"s);
    CHECK(odd.stored == "a\rb\r\r\n\0\0\r\nend\r\r\n"s);
    CHECK(texts(odd.metadata.warnings) == std::vector<std::string>{"3 CR bytes without LF, kept", "2 NUL bytes, kept"});
}

TEST_CASE("the stored form does not depend on how a file is cut", "[intake]") {
    const std::string text = "Date: x\r\nA: \r b\n\r\n\nlast\r\r\n\r\0\n>From x\nend\r"s;
    std::string whole;
    for (std::size_t cut = 1; cut <= text.size(); ++cut) {
        model::FlagsAndKeywords marks;
        HeaderFields header({.dates = true}, marks);
        std::string stored;
        const Sink sink = [&](std::span<const std::byte> piece) { stored += as_text(piece); };
        StoredForm form(Quoting::none, header, sink);
        for (std::size_t at = 0; at < text.size(); at += cut) form.feed(std::string_view(text).substr(at, cut));
        form.finish();
        if (cut == 1) whole = stored;
        INFO(cut);
        CHECK(stored == whole);
        CHECK(form.size_bytes() == whole.size());
        CHECK(form.bare_cr() == 4);
        CHECK(form.nul() == 1);
        CHECK(header.date() == "x");
    }
    CHECK(whole == "Date: x\r\nA: \r b\r\n\r\n\r\nlast\r\r\n\r\0\r\n>From x\r\nend\r\r\n"s);
}

TEST_CASE("huge lines and headers are converted within bounds", "[intake]") {
    const std::string long_line(10'000'000, 'y');
    CHECK(convert_text("A: b\n\n" + long_line).stored == "A: b\r\n\r\n" + long_line + "\r\n");

    const auto long_field = convert_text("X-Keywords: " + long_line + "\nStatus: R\n");
    CHECK(long_field.metadata.marks.keywords == model::Keywords{std::string(model::max_keyword_bytes, 'y')});
    REQUIRE(long_field.metadata.marks.repaired.size() == 1);
    CHECK(long_field.metadata.marks.repaired[0].name.size() < 1000);
    CHECK(long_field.metadata.marks.flags == Flag::seen);
    CHECK(long_field.metadata.warnings.size() == 1);

    std::string many;
    for (int i = 0; i < 100'000; ++i) many += "X-Keywords: k" + std::to_string(i) + "\n";
    const auto fields = convert_text(many);
    CHECK(fields.metadata.marks.keywords.size() == max_keywords_per_message);
    CHECK(texts(fields.metadata.warnings) == std::vector<std::string>{"99000 keywords too many, left out"});
    CHECK(fields.stored.size() == many.size() + 100'000);
}

TEST_CASE("messages are converted on many threads and failures of the sink come out", "[intake]") {
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += "From a@b.example Thu Aug 22 12:36:23 2002\nStatus: R\n\nmessage " + std::to_string(i) + "\n\n";
    const auto source = mbox_of(text);
    std::size_t count = 0;
    OrderedPipeline<RawMessage, Read> pipeline(
        4, 1U << 24U, [](RawMessage&& raw) { return convert_whole(std::move(raw)); },
        [&](Read&& read) { CHECK(read.stored.ends_with("message " + std::to_string(count++) + "\r\n")); });
    while (auto raw = source->next()) {
        const auto weight = raw->memory_bytes();
        pipeline.submit(std::move(*raw), weight);
    }
    pipeline.finish();
    CHECK(count == 2000);

    RawMessage raw{.origin = "here"};
    raw.body = InlineBody{.bytes = ByteBuffer("x")};
    CHECK_THROWS_WITH(convert(raw, [](auto) { throw std::runtime_error("disk full"); }), "disk full");
}
