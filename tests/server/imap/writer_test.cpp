#include "server/imap/writer.hpp"

#include <catch2/catch.hpp>

using namespace mox;
using imap::Texts;

namespace {

std::string written(std::string_view value, Texts texts) {
    std::string out;
    imap::Writer(out, texts).string(value);
    return out;
}

std::string literal(const std::string& value) {
    return "{" + std::to_string(value.size()) + "}\r\n" + value;
}

}  // namespace

TEST_CASE("every byte is quoted, escaped or in a literal, wherever it stands", "[imap]") {
    for (int byte = 0; byte < 256; ++byte)
        for (std::size_t size = 1; size <= 25; ++size)
            for (std::size_t at = 0; at < size; ++at) {
                std::string value(size, 'x'), quoted = value;
                value[at] = static_cast<char>(byte);
                quoted[at] = value[at];
                if (byte == '"' || byte == '\\') quoted.insert(at, 1, '\\');
                const bool is_printable = byte >= 0x20 && byte < 0x7f;
                const std::string expected = is_printable ? "\"" + quoted + "\"" : literal(value);
                if (written(value, Texts::ascii) != expected || written(value, Texts::utf8) != expected)
                    FAIL("byte " << byte << " at " << at << " of " << size << ": " << written(value, Texts::ascii));
            }
}

TEST_CASE("strings of any length are written whole", "[imap]") {
    CHECK(written("", Texts::ascii) == "\"\"");
    CHECK(written({}, Texts::utf8) == "\"\"");
    for (const std::size_t size : {253U, 254U, 255U, 4096U})
        CHECK(written(std::string(size, 'x'), Texts::ascii) == "\"" + std::string(size, 'x') + "\"");
    CHECK(written(std::string(4097, 'x'), Texts::ascii) == literal(std::string(4097, 'x')));
    CHECK(written("grüß dich", Texts::utf8) == "\"grüß dich\"");
    CHECK(written("grüß dich", Texts::ascii) == literal("grüß dich"));
    CHECK(written("gr\xfc\xdf dich", Texts::utf8) == literal("gr\xfc\xdf dich"));
}
