#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/platform.hpp"
#include "reading.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::intake;

namespace {

const std::string from = "From a@b.example Thu Aug 22 12:36:23 2002";

std::vector<std::string> stored(const std::vector<Read>& messages) {
    std::vector<std::string> texts;
    for (const auto& message : messages) texts.push_back(message.stored);
    return texts;
}

}  // namespace

TEST_CASE("mbox entries become messages however the bytes arrive", "[intake]") {
    struct Row {
        std::string what, text;
        std::vector<std::string> messages;
        std::uint64_t warnings = 0;
    };
    const std::vector<Row> rows{
        {"an empty file", "", {}},
        {"one message", from + "\nA: b\n\ntext\n", {"A: b\r\n\r\ntext\r\n"}},
        {"the empty line at the end is no part of it", from + "\nA: b\n\ntext\n\n", {"A: b\r\n\r\ntext\r\n"}},
        {"only one empty line separates", from + "\nA: b\n\ntext\n\n\n", {"A: b\r\n\r\ntext\r\n\r\n"}},
        {"two messages",
         from + "\nA: b\n\n1\n\n" + from + "\nA: b\n\n2\n\n",
         {"A: b\r\n\r\n1\r\n", "A: b\r\n\r\n2\r\n"}},
        {"CRLF", from + "\r\nA: b\r\n\r\n1\r\n\r\n" + from + "\r\n2\r\n\r\n", {"A: b\r\n\r\n1\r\n", "2\r\n"}},
        {"headers without end", from + "\nA: b\n\n" + from + "\nC: d\n", {"A: b\r\n", "C: d\r\n"}},
        {"empty messages", from + "\n\n" + from + "\n\n", {"", ""}},
        {"empty messages without separators", from + "\n" + from + "\n" + from, {"", "", ""}},
        {"empty messages with CRLF", from + "\r\n\r\n" + from + "\r\n\r\n", {"", ""}},
        {"a From line without its end", from, {""}},
        {"a message that is one empty line", from + "\n\n\n", {"\r\n"}},
        {"no LF at the end keeps the last byte", from + "\nA: b\n\nnewline", {"A: b\r\n\r\nnewline\r\n"}},
        {"a CR at the very end is a byte", from + "\nx\r", {"x\r\r\n"}},
        {"an empty line with a lone CR at the end is text", from + "\nx\n\r", {"x\r\n\r\r\n"}},
        {"quoted lines lose one mark",
         from + "\n>From h\n\n>From x\n>>From y\n> From z\n>Fromage\n>>>\n",
         {"From h\r\n\r\nFrom x\r\n>From y\r\n> From z\r\n>Fromage\r\n>>>\r\n"}},
        {"a quoted last line without end", from + "\n\n>From x", {"\r\nFrom x\r\n"}},
        {"From lines not after an empty line are text",
         from + "\nA: b\n\nx\n" + from + "\ny\n",
         {"A: b\r\n\r\nx\r\n" + from + "\r\ny\r\n"}},
        {"From lines without date after an empty line are text",
         from + "\nA: b\n\nFrom here on\n\nFrom\n\nFrom x",
         {"A: b\r\n\r\nFrom here on\r\n\r\nFrom\r\n\r\nFrom x\r\n"},
         2},
        {"a header that begins with From and blank",
         from + "\nFrom someone\nA: b\n\nx\n",
         {"From someone\r\nA: b\r\n\r\nx\r\n"}},
        {"an odd first line", "From nowhere\nA: b\n\nx\n", {"A: b\r\n\r\nx\r\n"}},
        {"a bare first line", "From \nx\n", {"x\r\n"}},
        {"empty lines first", "\n\r\n" + from + "\nx\n", {"x\r\n"}, 1},
        {"nothing but empty lines", "\n\n\n", {}, 1},
        {"mixed line ends",
         from + "\na\nb\r\nc\rd\r\r\n\n\r\n" + from + "\ne\n",
         {"a\r\nb\r\nc\rd\r\r\n\r\n", "e\r\n"}},
        {"NUL bytes",
         from + "\na" + std::string(3, '\0') + "\n\n" + from + "\n" + std::string(1, '\0'),
         {"a" + std::string(3, '\0') + "\r\n", std::string(1, '\0') + "\r\n"}},
        {"a From line too long to be one",
         from + "\nx\n\nFrom " + std::string(3000, 'y') + from + "\nz\n",
         {"x\r\n\r\nFrom " + std::string(3000, 'y') + from + "\r\nz\r\n"},
         1},
    };
    for (const auto& row : rows)
        for (const std::size_t chunk : {1U, 2U, 3U, 7U, 64U, 1U << 20U}) {
            INFO(row.what << ", read " << chunk << " at a time");
            const auto source = mbox_of(row.text, chunk);
            CHECK(stored(read_all(*source)) == row.messages);
            CHECK(source->warnings().count == row.warnings);
            CHECK(source->progress().bytes == row.text.size());
            CHECK(source->progress().messages == row.messages.size());
        }
}

TEST_CASE("what is no mbox file is refused with its place and a hint", "[intake]") {
    struct Row {
        std::string text, place, hint;
    };
    for (const auto& row : {
             Row{"Subject: x\n\ny\n", "in.mbox:1: ", "maildir"},
             Row{"\n\nSubject: x\n", "in.mbox:3: ", "maildir"},
             Row{"From", "in.mbox:1: ", "maildir"},
             Row{"From:", "in.mbox:1: ", "maildir"},
             Row{"from a Thu Aug 22 12:36:23 2002\n", "in.mbox:1: ", "maildir"},
             Row{">From a Thu Aug 22 12:36:23 2002\n", "in.mbox:1: ", "maildir"},
             Row{" \n" + from, "in.mbox:1: ", "maildir"},
             Row{std::string(1, '\0'), "in.mbox:1: ", "maildir"},
             Row{"\r" + from, "in.mbox:1: ", "maildir"},
             Row{"\x1f\x8b\x08", "in.mbox:1: ", "unpack"},
             Row{"PK\x03\x04zip", "in.mbox:1: ", "unpack"},
         }) {
        INFO(row.text);
        const auto source = mbox_of(row.text, 1);
        try {
            (void)source->next();
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::corrupt);
            CHECK(std::string(error.what()).starts_with(row.place));
            CHECK(error.hint().find(row.hint) != std::string::npos);
        }
    }
}

TEST_CASE("mbox origins name the line and the offset of an entry", "[intake]") {
    const std::string first = from + "\nA: b\n\nx\n\nFrom text\n\n";
    const auto source = mbox_of(first + from + "\ny\n\n" + from);
    const auto messages = read_all(*source);
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].raw.origin == "in.mbox:1");
    CHECK(messages[1].raw.origin == "in.mbox:8");
    CHECK(messages[2].raw.origin == "in.mbox:11");
    CHECK(messages[0].raw.offset_bytes == 0);
    CHECK(messages[1].raw.offset_bytes == first.size());
    CHECK(messages[1].metadata.origin == "in.mbox:8");
    REQUIRE(source->warnings().list.size() == 1);
    CHECK(source->warnings().list[0].text.starts_with("in.mbox:6: "));
}

TEST_CASE("a flood of warnings is counted, not kept", "[intake]") {
    std::string text = from + "\n";
    for (int i = 0; i < 5000; ++i) text += "\nFrom here\n";
    const auto source = mbox_of(text);
    CHECK(read_all(*source).size() == 1);
    CHECK(source->warnings().count == 5000);
    CHECK(source->warnings().list.size() == 1000);
}

TEST_CASE("an mbox comes from files, pipes and open descriptors", "[intake]") {
    const test::TempDir directory;
    const auto path = directory.write("in.mbox", from + "\nx\n");
    const auto source = open_mbox(path);
    CHECK(source->progress().total_bytes == from.size() + 3);
    CHECK(stored(read_all(*source)) == std::vector<std::string>{"x\r\n"});

    int ends[2] = {};
    REQUIRE(::pipe(ends) == 0);
    const UniqueFd write_end(ends[1]);
    const auto piped = open_mbox(UniqueFd(ends[0]), "pipe");
    CHECK_FALSE(piped->progress().total_bytes);
    REQUIRE(::write(write_end.get(), "From a\ny", 8) == 8);
    const_cast<UniqueFd&>(write_end).reset();
    const auto messages = read_all(*piped);
    CHECK(stored(messages) == std::vector<std::string>{"y\r\n"});
    CHECK(messages[0].raw.origin == "pipe:1");

    CHECK_THROWS_AS(open_mbox(directory / "missing"), Error);
    CHECK_THROWS_AS(open_mbox(directory.path()), Error);
}

TEST_CASE("reading an mbox fails with the input's error and stops when asked", "[intake]") {
    int reads = 0;
    const auto failing = open_mbox(ByteInput{.name = "disk", .read = [&](std::span<std::byte> buffer) -> std::size_t {
                                                 if (++reads > 1)
                                                     throw Error(Errc::failed, "read 'disk': input/output error");
                                                 std::memcpy(buffer.data(), "From a\nx", 8);
                                                 return 8;
                                             }});
    CHECK_THROWS_WITH(failing->next(), "read 'disk': input/output error");

    const auto source = mbox_of(from + "\nx\n");
    set_interrupted_by(2);
    CHECK_THROWS_AS(source->next(), Interrupted);
    set_interrupted_by(0);
}

TEST_CASE("a huge entry costs hardly more memory than it is long", "[intake]") {
    constexpr std::size_t size = 64U << 20U;
    std::size_t made = 0;
    const auto source = open_mbox(ByteInput{.name = "big", .read = [&](std::span<std::byte> buffer) -> std::size_t {
                                                if (made == 0) {
                                                    std::memcpy(buffer.data(), "From a\n", 7);
                                                    return made = 7;
                                                }
                                                const std::size_t count = std::min(buffer.size(), size + 7 - made);
                                                std::memset(buffer.data(), 'x', count);
                                                made += count;
                                                return count;
                                            }});
    const auto before = platform::peak_memory_bytes();
    const auto raw = source->next();
    REQUIRE(raw);
    CHECK(std::get<InlineBody>(raw->body).bytes.size() == size);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they copy whatever is reallocated
    CHECK(platform::peak_memory_bytes() - before < size + size / 10);
#else
    (void)before;
#endif
    std::uint64_t streamed = 0;
    CHECK(convert(*raw, [&](auto piece) { streamed += piece.size(); }).size_bytes == size + 2);
    CHECK(streamed == size + 2);
}
