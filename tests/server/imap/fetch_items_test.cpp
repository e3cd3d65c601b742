#include "server/imap/fetch_items.hpp"

namespace {

using namespace mox;

std::vector<imap::FetchItem> parsed(std::string_view text) {
    imap::Parser parser(text);
    auto items = imap::parse_fetch_items(parser);
    parser.end();
    return items;
}

}  // namespace

TEST_CASE("FETCH items are read and written", "[imap]") {
    struct Row {
        std::string text, written, named;
        bool seen;
    };
    const auto row = GENERATE(values<Row>({
        {"ALL", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)", "FLAGS", false},
        {"fast", "(FLAGS INTERNALDATE RFC822.SIZE)", "FLAGS", false},
        {"Full", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)", "FLAGS", false},
        {"(UID flags)", "(UID FLAGS)", "UID", false},
        {"BODYSTRUCTURE", "(BODYSTRUCTURE)", "BODYSTRUCTURE", false},
        {"body", "(BODY)", "BODY", false},
        {"BODY[]", "(BODY[])", "BODY[]", true},
        {"BODY.PEEK[]", "(BODY.PEEK[])", "BODY[]", false},
        {"BODY[1.2.MIME]<5.10>", "(BODY[1.2.MIME]<5.10>)", "BODY[1.2.MIME]<5>", true},
        {"body.peek[header.fields (subject \"MESSAGE-ID\")]", "(BODY.PEEK[HEADER.FIELDS (subject MESSAGE-ID)])",
         "BODY[HEADER.FIELDS (Subject Message-Id)]", false},
        {"BODY[3.HEADER.FIELDS.NOT (a)]", "(BODY[3.HEADER.FIELDS.NOT (a)])", "BODY[3.HEADER.FIELDS.NOT (A)]", true},
        {"BODY[HEADER.FIELDS ({3+}\r\na b)]", "(BODY[HEADER.FIELDS (\"a b\")])", "BODY[HEADER.FIELDS (\"A b\")]", true},
        {"BODY[TEXT]", "(BODY[TEXT])", "BODY[TEXT]", true},
        {"RFC822", "(RFC822)", "RFC822", true},
        {"RFC822.TEXT", "(RFC822.TEXT)", "RFC822.TEXT", true},
        {"(RFC822.HEADER RFC822.SIZE)", "(RFC822.HEADER RFC822.SIZE)", "RFC822.HEADER", false},
        {"BINARY[1]", "(BINARY[1])", "BINARY[1]", true},
        {"BINARY.PEEK[]<0.1>", "(BINARY.PEEK[]<0.1>)", "BINARY[]<0>", false},
        {"BINARY.SIZE[2.1]", "(BINARY.SIZE[2.1])", "BINARY.SIZE[2.1]", false},
        {"BINARY[TEXT]", "(BINARY[TEXT])", "BINARY[TEXT]", true},
        {"BINARY.SIZE[1.HEADER.FIELDS (DATE)]", "(BINARY.SIZE[1.HEADER.FIELDS (DATE)])",
         "BINARY.SIZE[1.HEADER.FIELDS (Date)]", false},
        {"BODY[]<5>", "(BODY[]<5.9223372036854775807>)", "BODY[]<5>", true},
        {"(MODSEQ EMAILID THREADID SAVEDATE INTERNALDATE ENVELOPE)",
         "(MODSEQ EMAILID THREADID SAVEDATE INTERNALDATE ENVELOPE)", "MODSEQ", false},
        {"BODY[]<9223372036854775807.9223372036854775807>", "(BODY[]<9223372036854775807.9223372036854775807>)",
         "BODY[]<9223372036854775807>", true},
    }));
    const auto items = parsed(row.text);
    CHECK(imap::to_string(items) == row.written);
    CHECK(imap::answer_name(items.front()) == row.named);
    CHECK(imap::sets_seen(items.front()) == row.seen);
    CHECK(parsed(imap::to_string(items)) == items);
}

TEST_CASE("what FETCH has no item for is refused", "[imap]") {
    std::string deep = "BODY[1", many = "(UID";
    for (std::size_t i = 0; i < imap::max_section_depth; ++i) deep += ".1";
    for (std::size_t i = 0; i < imap::max_fetch_items; ++i) many += " UID";
    const auto text = GENERATE_COPY(values<std::string>({
        "",
        "(",
        "()",
        "FOO",
        "(FLAGS",
        "(FLAGS )",
        "(ALL)",
        "(FLAGS ALL)",
        "FLAGS UID",
        "BODY[",
        "BODY[FOO]",
        "BODY[0]",
        "BODY[1.]",
        "BODY[1 2]",
        "BODY[4294967296]",
        "BODY[MIME]",
        "BODY[1.MIME.1]",
        "BODY[HEADER.FIELDS]",
        "BODY[HEADER.FIELDS ()]",
        "BODY[HEADER.FIELDS (a]",
        "BODY[HEADER.FIELDS (a )]",
        "BODY[HEADER.FIELDS ({9}\r\na)]",
        "BODY[]<0.0>",
        "BODY[]<.1>",
        "BODY[]<0.9223372036854775808>",
        "BODY[]<-1.5>",
        "BODY[]<0.1",
        "BINARY",
        "BINARY.SIZE[1]<0.1>",
        "RFC822.PEEK",
        "RFC822[]",
        "BODY.PEEK",
        "ENVELOPE[]",
        "BODYSTRUCTURE[1]",
        std::string("BODY[\0]", 7),
        "BODY[\xc3\xbc]",
        deep + "]",
        many + ")",
    }));
    CAPTURE(text);
    CHECK_THROWS_AS(parsed(text), SyntaxError);
}
