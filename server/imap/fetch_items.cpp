#include "server/imap/fetch_items.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

using Kind = FetchItem::Kind;

struct Name {
    std::string_view name;
    Kind kind;
    bool peek = false;
};
// Those that are a word and nothing more. BODY is one unless "[" follows.
constexpr std::array words{
    Name{"BODY", Kind::body_structure_without_extension},
    Name{"BODYSTRUCTURE", Kind::body_structure},
    Name{"EMAILID", Kind::email_id},
    Name{"ENVELOPE", Kind::envelope},
    Name{"FLAGS", Kind::flags},
    Name{"INTERNALDATE", Kind::internal_date},
    Name{"MODSEQ", Kind::mod_seq},
    Name{"RFC822", Kind::rfc822},
    Name{"RFC822.HEADER", Kind::rfc822_header},
    Name{"RFC822.SIZE", Kind::rfc822_size},
    Name{"RFC822.TEXT", Kind::rfc822_text},
    Name{"SAVEDATE", Kind::save_date},
    Name{"THREADID", Kind::thread_id},
    Name{"UID", Kind::uid},
};
// Those with a section.
constexpr std::array sections{
    Name{"BODY", Kind::body, false},        Name{"BODY.PEEK", Kind::body, true},
    Name{"BINARY", Kind::binary, false},    Name{"BINARY.PEEK", Kind::binary, true},
    Name{"BINARY.SIZE", Kind::binary_size},
};

struct Macro {
    std::string_view name;
    std::array<Kind, 5> kinds;
    std::size_t count;
};
constexpr std::array macros{
    Macro{"ALL", {Kind::flags, Kind::internal_date, Kind::rfc822_size, Kind::envelope}, 4},
    Macro{"FAST", {Kind::flags, Kind::internal_date, Kind::rfc822_size}, 3},
    Macro{"FULL",
          {Kind::flags, Kind::internal_date, Kind::rfc822_size, Kind::envelope, Kind::body_structure_without_extension},
          5},
};

struct TextName {
    std::string_view name;
    Section::Text what;
};
constexpr std::array texts{
    TextName{"HEADER", Section::Text::header},
    TextName{"HEADER.FIELDS", Section::Text::header_fields},
    TextName{"HEADER.FIELDS.NOT", Section::Text::header_fields_not},
    TextName{"MIME", Section::Text::mime},
    TextName{"TEXT", Section::Text::text},
};

bool is_word_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <class Table>
const auto* find(const Table& table, std::string_view name) {
    const auto found =
        std::ranges::find_if(table, [&](const auto& row) { return equal_ignoring_case(row.name, name); });
    return found == table.end() ? nullptr : &*found;
}

std::uint32_t nz_number(Cursor& in) {
    const auto value = in.expect_number(0xffffffff);
    if (value == 0) in.fail("expected a number above 0");
    return static_cast<std::uint32_t>(value);
}

void parse_fields(Parser& in, std::vector<std::string>& fields) {
    in.space();
    in.cursor().expect('(');
    do fields.push_back(in.astring());
    while (in.take(' '));
    in.cursor().expect(')');
}

Section parse_section(Parser& parser) {
    auto& in = parser.cursor();
    Section section;
    in.expect('[');
    if (in.take(']')) return section;
    while (is_digit(in.peek())) {
        section.part.push_back(nz_number(in));
        if (section.part.size() > max_section_depth) in.fail("too many parts in parts");
        if (in.take(']')) return section;
        in.expect('.');
    }
    const auto name = in.take_while(is_word_char);
    const auto* const text = find(texts, name);
    if (text == nullptr) in.fail("unknown section");
    section.what = text->what;
    if (section.what == Section::Text::mime && section.part.empty()) in.fail("MIME is of parts");
    if (section.what == Section::Text::header_fields || section.what == Section::Text::header_fields_not)
        parse_fields(parser, section.fields);
    in.expect(']');
    return section;
}

std::optional<Partial> parse_partial(Cursor& in) {
    if (!in.take('<')) return std::nullopt;
    Partial partial;
    // RFC 9051 section 9: number64, of 63 bits.
    constexpr std::uint64_t largest = (1ULL << 63U) - 1;
    partial.offset = in.expect_number(largest);
    // Clients may leave out the size, although RFC 9051 does not say so.
    partial.size = in.take('.') ? in.expect_number(largest) : largest;
    if (partial.size == 0) in.fail("expected a number above 0");
    in.expect('>');
    return partial;
}

FetchItem parse_item(Parser& parser, std::string_view word) {
    auto& in = parser.cursor();
    FetchItem item;
    if (in.peek() != '[') {
        const auto* const name = find(words, word);
        if (name == nullptr) in.fail("unknown item");
        item.kind = name->kind;
        return item;
    }
    const auto* const name = find(sections, word);
    if (name == nullptr) in.fail("unknown item");
    item.kind = name->kind;
    item.peek = name->peek;
    item.section = parse_section(parser);
    if (item.kind != Kind::binary_size) item.partial = parse_partial(in);
    return item;
}

// "Message-Id" as Go's net/textproto and most headers spell it.
std::string canonical_field(std::string_view name) {
    std::string out = ascii_lower(name);
    bool first = true;
    for (char& c : out) {
        if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        first = c == '-';
    }
    return out;
}

std::string section_text(const Section& section, bool canonical) {
    std::string out = "[";
    Writer writer(out, Texts::ascii);
    for (const auto part : section.part) {
        if (out.size() > 1) writer.raw('.');
        writer.number(part);
    }
    if (section.what != Section::Text::all) {
        if (!section.part.empty()) writer.raw('.');
        writer.raw(std::ranges::find(texts, section.what, &TextName::what)->name);
    }
    if (section.what == Section::Text::header_fields || section.what == Section::Text::header_fields_not) {
        writer.raw(" (");
        for (const auto& field : section.fields) {
            if (&field != section.fields.data()) writer.raw(' ');
            writer.astring(canonical ? canonical_field(field) : field);
        }
        writer.raw(')');
    }
    return out + ']';
}

bool has_section(Kind kind) {
    return kind == Kind::body || kind == Kind::binary || kind == Kind::binary_size;
}

}  // namespace

std::vector<FetchItem> parse_fetch_items(Parser& parser) {
    auto& in = parser.cursor();
    std::vector<FetchItem> items;
    if (!in.take('(')) {
        const auto word = in.take_while(is_word_char);
        if (const auto* const macro = find(macros, word)) {
            for (std::size_t i = 0; i < macro->count; ++i) items.push_back({.kind = macro->kinds[i]});
            return items;
        }
        items.push_back(parse_item(parser, word));
        return items;
    }
    do {
        if (items.size() == max_fetch_items) in.fail("too many items");
        items.push_back(parse_item(parser, in.take_while(is_word_char)));
    } while (in.take(' '));
    in.expect(')');
    return items;
}

std::string to_string(const FetchItem& item) {
    if (!has_section(item.kind)) return std::string(std::ranges::find(words, item.kind, &Name::kind)->name);
    const auto name =
        std::ranges::find_if(sections, [&](const Name& row) { return row.kind == item.kind && row.peek == item.peek; });
    std::string out = std::string(name->name) + section_text(item.section, false);
    if (item.partial)
        out += '<' + std::to_string(item.partial->offset) + '.' + std::to_string(item.partial->size) + '>';
    return out;
}

std::string to_string(const std::vector<FetchItem>& items) {
    std::string out = "(";
    for (const auto& item : items) {
        if (out.size() > 1) out += ' ';
        out += to_string(item);
    }
    return out + ')';
}

std::string answer_name(const FetchItem& item) {
    FetchItem plain{.kind = item.kind};
    if (!has_section(item.kind)) return to_string(plain);
    std::string out = std::string(std::ranges::find(sections, item.kind, &Name::kind)->name);
    out += section_text(item.section, true);
    if (item.partial) out += '<' + std::to_string(item.partial->offset) + '>';
    return out;
}

// RFC 9051 section 6.4.5; headers alone are no reading: BODY[HEADER] sets it by the letter, RFC822.HEADER does not.
bool sets_seen(const FetchItem& item) {
    switch (item.kind) {
        case Kind::body:
        case Kind::binary:
            return !item.peek;
        case Kind::rfc822:
        case Kind::rfc822_text:
            return true;
        default:
            return false;
    }
}

}  // namespace mox::imap
