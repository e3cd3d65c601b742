#include "mime/header.hpp"

#include <cstring>

#include "base/encoding.hpp"
#include "mime/charset.hpp"

namespace mox::mime {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// RFC 5322 section 3.6.8: printable ASCII without colon. Bytes above 127 are tolerated (RFC 6532 does not have them).
bool is_name(std::string_view name) {
    if (name.empty()) return false;
    for (const char c : name)
        if (c == ':' || (static_cast<unsigned char>(c) <= 32) || c == 127) return false;
    return true;
}

}  // namespace

std::size_t FieldReader::line_end(std::size_t from) const {
    const auto* found = static_cast<const char*>(std::memchr(header_.data() + from, '\n', header_.size() - from));
    return found == nullptr ? header_.size() : static_cast<std::size_t>(found - header_.data()) + 1;
}

void FieldReader::count_garbage(std::size_t offset) {
    if (garbage_lines_++ == 0) first_garbage_offset_ = offset;
}

std::optional<Field> FieldReader::next() {
    while (position_ < header_.size()) {
        const std::size_t start = position_;
        std::size_t end = line_end(start);
        const std::string_view line = header_.substr(start, end - start);
        if (line == "\r\n" || line == "\n") break;
        const auto colon = line.find(':');
        std::string_view name = colon == std::string_view::npos ? std::string_view() : line.substr(0, colon);
        while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
        const bool is_field = is_name(name);
        if (!is_field) count_garbage(start);
        while (end < header_.size() && header_[end - 1] == '\n' && is_blank(header_[end])) end = line_end(end);
        position_ = end;
        if (!is_field) continue;
        std::string_view value = header_.substr(start + colon + 1, end - start - colon - 1);
        if (value.ends_with('\n')) value.remove_suffix(value.ends_with("\r\n") ? 2 : 1);
        return Field{.name = name, .value = value, .offset = start, .size = end - start};
    }
    position_ = header_.size();
    return std::nullopt;
}

std::optional<std::string_view> find_field(std::string_view header, std::string_view name) {
    FieldReader fields(header);
    while (const auto field = fields.next())
        if (equal_ignoring_case(field->name, name)) return field->value;
    return std::nullopt;
}

std::string unfold(std::string_view value) {
    value = trimmed(value);
    if (value.find('\n') == std::string_view::npos) return std::string(value);
    std::string out;
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool line_end = value[i] == '\n' || (value[i] == '\r' && i + 1 < value.size() && value[i + 1] == '\n');
        if (!line_end) out += value[i];
    }
    return out;
}

std::size_t comment_end(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    for (; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == '(') {
            ++depth;
        } else if (text[at] == ')' && --depth == 0) {
            return at + 1;
        }
    }
    return text.size();
}

std::string plain_value(std::string_view value) {
    std::string text = guess_utf8(unfold(value));
    for (char& c : text)
        if (c == '\0' || c == '\r' || c == '\n') c = ' ';
    return text;
}

std::string text_value(std::string_view value) {
    return decode_words(unfold(value));
}

}  // namespace mox::mime
