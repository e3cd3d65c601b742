#include "server/imap/parser.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

// atom-specials: "(", ")", "{", SP, CTL, list-wildcards, quoted-specials, resp-specials.
bool is_atom_char(char c) {
    return c > ' ' && c < '\x7f' && std::string_view("(){%*\"\\]").find(c) == std::string_view::npos;
}
bool is_astring_char(char c) {
    return is_atom_char(c) || c == ']';
}
bool is_tag_char(char c) {
    return is_astring_char(c) && c != '+';
}
bool is_quoted_char(char c) {
    return c != '"' && c != '\\' && c != '\r' && c != '\n' && c != '\0';
}

}  // namespace

std::string Parser::tag() {
    const auto text = in_.take_while(is_tag_char);
    if (text.empty()) in_.fail("expected a tag");
    return std::string(text);
}

std::string Parser::atom() {
    const auto text = in_.take_while(is_atom_char);
    if (text.empty()) in_.fail("expected an atom");
    return std::string(text);
}

std::string Parser::astring() {
    if (in_.peek() == '"' || in_.peek() == '{') return string();
    const auto text = in_.take_while(is_astring_char);
    if (text.empty()) in_.fail("expected a string");
    return std::string(text);
}

std::string Parser::string() {
    if (in_.peek() == '"') return quoted();
    if (in_.peek() == '{') return literal();
    in_.fail("expected a string");
}

std::optional<std::string> Parser::nstring() {
    if (in_.peek() == '"' || in_.peek() == '{') return string();
    if (!equal_ignoring_case(in_.take_while(is_atom_char), "NIL")) in_.fail("expected a string or NIL");
    return std::nullopt;
}

bool Parser::take_word(std::string_view word) {
    Cursor ahead = in_;
    if (!equal_ignoring_case(ahead.take_while(is_atom_char), word)) return false;
    in_ = ahead;
    return true;
}

std::string Parser::list_mailbox() {
    if (in_.peek() == '"' || in_.peek() == '{') return string();
    const auto text = in_.take_while([](char c) { return is_astring_char(c) || c == '%' || c == '*'; });
    if (text.empty()) in_.fail("expected a mailbox name or pattern");
    return std::string(text);
}

std::string Parser::rest() {
    std::string text(in_.rest());
    in_.advance(text.size());
    return text;
}

std::string Parser::quoted() {
    in_.expect('"');
    std::string value;
    for (;;) {
        value += in_.take_while(is_quoted_char);
        if (in_.take('"')) return value;
        if (!in_.take('\\')) in_.fail("expected the end of a quoted string");
        if (in_.peek() != '"' && in_.peek() != '\\') in_.fail("expected a quote or a backslash");
        value += in_.peek();
        in_.advance(1);
    }
}

std::string Parser::literal() {
    in_.expect('{');
    const auto size = in_.expect_number();
    in_.take('+');
    in_.expect('}');
    in_.take('\r');
    in_.expect('\n');
    if (in_.rest().size() < size) in_.fail("a literal is shorter than it says");
    std::string value(in_.rest().substr(0, size));
    if (value.find('\0') != std::string::npos) in_.fail("NUL in a literal");
    in_.advance(size);
    return value;
}

std::string to_string(std::string_view value) {
    if (!std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7f'; }))
        return "{" + std::to_string(value.size()) + "}\r\n" + std::string(value);
    std::string out = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

}  // namespace mox::imap
