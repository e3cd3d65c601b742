#include "server/imap/message_url.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "server/imap/mailbox_names.hpp"

namespace mox::imap {

namespace {

constexpr std::string_view uid_mark = "/;UID=", uidvalidity_mark = ";UIDVALIDITY=", section_mark = "/;SECTION=",
                           partial_mark = "/;PARTIAL=";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Percent-encoding removed. Nothing where it is broken, or hides what no name and no section has.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            c = static_cast<char>(high * 16 + low);
            i += 2;
        } else if (c == ';' || c == '?' || c == '#') {
            return std::nullopt;
        }
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') return std::nullopt;
        out += c;
    }
    return out;
}

std::size_t find_mark(std::string_view text, std::string_view mark) {
    const auto* const found = std::search(text.begin(), text.end(), mark.begin(), mark.end(),
                                          [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
    return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

bool take_mark(Cursor& in, std::string_view mark) {
    if (!equal_ignoring_case(in.rest().substr(0, mark.size()), mark)) return false;
    in.advance(mark.size());
    return true;
}

std::uint32_t nz_number(Cursor& in) {
    const auto value = in.expect_number(0xffffffff);
    if (value == 0) in.fail("expected a number above 0");
    return static_cast<std::uint32_t>(value);
}

// Up to the next part of the path.
std::string_view take_value(Cursor& in) {
    const auto value = in.rest().substr(0, in.rest().find("/;"));
    in.advance(value.size());
    return value;
}

// As FETCH has it: "HEADER.FIELDS (DATE FROM)".
Section section_of(std::string_view value, const Cursor& in) {
    const auto text = decoded(value);
    if (!text || text->empty()) in.fail("expected a section");
    const std::string item = "BODY.PEEK[" + *text + "]";
    Parser parser(item);
    const auto items = parse_fetch_items(parser);
    parser.end();
    return items.front().section;
}

MessageUrl parse(std::string_view url) {
    MessageUrl out;
    const auto uid_at = find_mark(url, uid_mark);
    Cursor in(url);
    if (take_mark(in, uid_mark.substr(1))) {  // of the mailbox that is selected
        out.uid = nz_number(in);
    } else {
        if (uid_at == std::string_view::npos || !url.starts_with('/') || url.starts_with("//")) in.fail("no message");
        std::string_view mailbox = url.substr(1, uid_at - 1);
        if (const auto at = find_mark(mailbox, uidvalidity_mark); at != std::string_view::npos) {
            Cursor validity(mailbox.substr(at + uidvalidity_mark.size()));
            out.uidvalidity = nz_number(validity);
            validity.expect_end();
            mailbox = mailbox.substr(0, at);
        }
        const auto name = decoded(mailbox);
        if (!name || name->empty()) in.fail("no mailbox");
        out.mailbox = mailbox_from_wire({.rev2 = true}, *name);
        in.advance(uid_at + uid_mark.size());
        out.uid = nz_number(in);
    }
    if (take_mark(in, section_mark)) out.section = section_of(take_value(in), in);
    if (take_mark(in, partial_mark)) {
        constexpr std::uint64_t largest = (1ULL << 63U) - 1;
        out.partial = Partial{.offset = in.expect_number(largest), .size = largest};
        if (in.take('.')) out.partial->size = in.expect_number(largest);
    }
    in.expect_end();
    return out;
}

}  // namespace

std::optional<MessageUrl> parse_message_url(std::string_view url) {
    if (url.size() > max_url_bytes) return std::nullopt;
    try {
        return parse(url);
    } catch (const SyntaxError&) {
        return std::nullopt;
    }
}

}  // namespace mox::imap
