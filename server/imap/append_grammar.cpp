#include "server/imap/append_grammar.hpp"

#include "mime/date.hpp"
#include "server/imap/flag_names.hpp"

namespace mox::imap {

namespace {

using Kind = AppendPart::Kind;

// "{3+}" at the end of the line.
void expect_literal(Parser& in) {
    in.take('~');
    in.expect('{');
    (void)in.cursor().expect_number();  // the reader of commands has it
    in.take('+');
    in.expect('}');
    in.end();
}

}  // namespace

std::vector<AppendPart> AppendGrammar::first_line(Parser& in) {
    return read(in, At::message, {});
}

std::vector<AppendPart> AppendGrammar::next_line(Parser& in) {
    if (utf8_) in.expect(')');
    utf8_ = false;
    if (catenating_) return read(in, At::after_part, {});
    std::vector<AppendPart> parts;
    parts.push_back({.kind = Kind::message_end});
    return read(in, At::after_message, std::move(parts));
}

std::vector<AppendPart> AppendGrammar::read(Parser& in, At at, std::vector<AppendPart> parts) {
    for (;;) {
        switch (at) {
            case At::message:
                parts.push_back(read_head(in));
                catenating_ = in.take_word("CATENATE");
                if (!catenating_) {
                    if (in.take_word("UTF8")) begin_utf8(in);
                    expect_literal(in);
                    parts.push_back({.kind = Kind::literal});
                    return parts;
                }
                in.space();
                in.expect('(');
                at = At::part;
                break;
            case At::part:
                if (!in.take_word("URL")) {
                    if (in.take_word("UTF8"))
                        begin_utf8(in);
                    else if (in.take_word("TEXT"))
                        in.space();
                    else
                        in.fail("expected TEXT or URL");
                    expect_literal(in);
                    parts.push_back({.kind = Kind::literal});
                    return parts;
                }
                in.space();
                if (in.cursor().peek() == '{') {
                    expect_literal(in);
                    parts.push_back({.kind = Kind::url_literal});
                    return parts;
                }
                parts.push_back({.kind = Kind::url, .url = in.astring()});
                at = At::after_part;
                break;
            case At::after_part:
                if (!in.take(')')) {
                    in.space();
                    at = At::part;
                    break;
                }
                catenating_ = false;
                parts.push_back({.kind = Kind::message_end});
                at = At::after_message;
                break;
            case At::after_message:
                if (in.at_end()) {
                    parts.push_back({.kind = Kind::end});
                    return parts;
                }
                in.space();
                at = At::message;
                break;
        }
    }
}

// [flags] [date], each with a space behind it.
AppendPart AppendGrammar::read_head(Parser& in) const {
    AppendPart head{.kind = Kind::message, .details = {.received = now_}};
    if (in.cursor().peek() == '(') {
        const FlagList list = parse_flag_list(in);
        head.details.flags = list.flags;
        head.details.keywords = list.keywords;
        in.space();
    }
    if (in.cursor().peek() == '"') {
        const auto received = mime::parse_internal_date(in.string());
        if (!received) in.fail("no date and time");
        head.details.received = *received;
        in.space();
    }
    return head;
}

void AppendGrammar::begin_utf8(Parser& in) {
    in.space();
    in.expect('(');
    utf8_ = true;
}

}  // namespace mox::imap
