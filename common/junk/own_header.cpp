#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "junk/own_reader.hpp"
#include "mime/header.hpp"

namespace mox::junk {

namespace {

// Fields that a mail program writes, or leaves out.
constexpr std::array<std::string_view, 14> expected{
    "from",       "to",           "subject",      "date",
    "message-id", "mime-version", "content-type", "content-transfer-encoding",
    "cc",         "in-reply-to",  "references",   "reply-to",
    "user-agent", "organization"};

std::string size_class(std::size_t size) {
    std::size_t bits = 0;
    for (; size > 0; size /= 4) ++bits;
    return std::to_string(bits);
}

}  // namespace

void Tokenizer::OwnReader::read_header(std::string_view header) {
    mime::FieldReader fields(header.substr(0, mime::max_header_bytes));
    std::array<bool, expected.size()> seen{};
    for (std::size_t count = 0; count < mime::max_header_fields; ++count) {
        const auto field = fields.next();
        if (!field) break;
        read_field(*field);
        for (std::size_t i = 0; i < expected.size(); ++i)
            if (equal_ignoring_case(field->name, expected[i])) seen[i] = true;
    }
    for (std::size_t i = 0; i < expected.size(); ++i) add(seen[i] ? "header:has " : "header:no ", expected[i]);
}

void Tokenizer::OwnReader::read_field(const mime::Field& field) {
    const std::string name = ascii_lower(field.name.substr(0, 50));
    if (name == "subject") return read_subject(field.value);
    if (name == "from") return read_addresses(field.value, "from:", "from@");
    if (name == "reply-to" || name == "sender") return read_addresses(field.value, "reply:", "reply@");
    if (name == "to" || name == "cc") return read_addresses(field.value, "to:", "to@");
    if (name == "x-mailer" || name == "user-agent") return read_mailer(field.value);
    if (name == "x-priority" || name == "priority" || name == "importance" || name == "x-msmail-priority")
        add("header:urgency ", ascii_lower(trimmed(field.value.substr(0, 20))));
}

void Tokenizer::OwnReader::read_subject(std::string_view value) {
    const std::string raw = mime::unfold(value.substr(0, 4'000));
    const std::string subject = mime::decode_words(raw);
    grams_.restart();
    read_text(subject, "subject:");
    if (const auto start = raw.find("=?"); start != std::string::npos) {
        const auto end = raw.find('?', start + 2);
        if (end != std::string::npos && end - start < 40)
            add("subject:=?", ascii_lower(raw.substr(start + 2, end - start - 2)));
    }
    if (subject.empty()) add("subject:", "(none)");
    if (subject.find("   ") != std::string::npos) add("subject:", "(blanks)");
    if (subject.find('!') != std::string::npos) add("subject:", "(!)");
    if (subject.find('?') != std::string::npos) add("subject:", "(?)");
    std::size_t upper = 0, lower = 0;
    for (const char c : subject) {
        if (c >= 'A' && c <= 'Z') ++upper;
        if (c >= 'a' && c <= 'z') ++lower;
    }
    if (upper > 5 && lower == 0) add("subject:", "(capitals)");
}

void Tokenizer::OwnReader::read_addresses(std::string_view value, std::string_view words, std::string_view domains) {
    const std::string text = mime::decode_words(mime::unfold(value.substr(0, 10'000)));
    std::size_t count = 0;
    std::string rest;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t sign = text.find('@', at);
        if (sign == std::string::npos) {
            rest += text.substr(at);
            break;
        }
        std::size_t start = sign, end = sign + 1;
        const auto is_part = [&](char c) {
            return static_cast<unsigned char>(c) > ' ' &&
                   std::string_view("<>,;:()[]\"@").find(c) == std::string_view::npos;
        };
        while (start > at && is_part(text[start - 1])) --start;
        while (end < text.size() && is_part(text[end])) ++end;
        rest += text.substr(at, start - at);
        rest += ' ';
        if (++count <= 20) read_address(std::string_view(text).substr(start, end - start), domains);
        at = end;
    }
    grams_.restart();
    read_text(rest, words);
    if (words == "to:") add("to:", count == 0 ? "(nobody)" : count == 1 ? "(one)" : count < 5 ? "(few)" : "(many)");
    if (words == "from:" &&
        std::all_of(rest.begin(), rest.end(), [](char c) { return c == ' ' || c == '<' || c == '>'; }))
        add("from:", "(no name)");
}

void Tokenizer::OwnReader::read_address(std::string_view address, std::string_view prefix) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos) return;
    std::string shape;
    for (const char c : address.substr(0, std::min<std::size_t>(at, 64))) {
        const char lower = ascii_lower(c);
        shape += lower >= '0' && lower <= '9' ? '0' : lower;
    }
    add(prefix, shape + '@');
    read_host(address.substr(at + 1), prefix);
}

void Tokenizer::OwnReader::read_mailer(std::string_view value) {
    grams_.restart();
    read_text(mime::text_value(value.substr(0, 500)), "mailer:");
}

void Tokenizer::OwnReader::read_type(const mime::Part& part) {
    const std::string type = part.type + '/' + part.subtype;
    add("part:", type.substr(0, 60));
    add("part:", mime::to_string(part.encoding));
    for (const auto& parameter : part.parameters) {
        if (parameter.name == "charset") add("part:charset ", ascii_lower(parameter.value.substr(0, 40)));
        if (parameter.name == "boundary") {
            std::string shape;
            char last = 0;
            for (const char c : parameter.value.substr(0, 80)) {
                const char kind = c >= '0' && c <= '9' ? '0' : c >= 'A' && c <= 'F' ? 'A' : c;
                if (kind != last || (kind != '0' && kind != 'A')) shape += kind;
                last = kind;
            }
            add("part:boundary ", shape.substr(0, 40));
        }
    }
    if (!part.disposition.empty()) add("part:", part.disposition.substr(0, 30));
    if (part.type == "text") add("part:size ", size_class(part.decoded_size));
}

}  // namespace mox::junk
