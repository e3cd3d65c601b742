#include <algorithm>

#include "config/sconf.hpp"
#include "config/sconf_text.hpp"
#include "config/sconf_value.hpp"

namespace mox::config::sconf {

namespace {

constexpr std::size_t comment_width = 80;

void describe_fields(std::string& text, const Type& type, std::size_t depth);

// `start` is "Key:" or "-".
void describe_value(std::string& text, const std::string& start, const Type& type, std::size_t depth) {
    const std::string line = indentation(depth) + start;
    switch (type.kind) {
        case Kind::boolean:
            text += line + " false\n";
            break;
        case Kind::integer:
        case Kind::unsigned_integer:
        case Kind::floating:
            text += line + " 0\n";
            break;
        case Kind::duration:
            text += line + " 0s\n";
            break;
        case Kind::string:
        case Kind::bytes:
            text += line + "\n";
            break;
        case Kind::optional:
            describe_value(text, start, *type.element, depth);
            break;
        case Kind::structure:
            text += line + "\n";
            describe_fields(text, type, depth + 1);
            break;
        case Kind::list:
            text += line + "\n";
            describe_value(text, "-", *type.element, depth + 1);
            break;
        case Kind::map:
            text += line + "\n";
            describe_value(text, "x:", *type.element, depth + 1);
            break;
    }
}

void describe_fields(std::string& text, const Type& type, std::size_t depth) {
    bool first = true;
    for (const auto& field : type.fields()) {
        text += comment_of(field, depth, first ? Gap::none : Gap::blank_line);
        describe_value(text, std::string(field.name) + ":", *field.type, depth);
        first = false;
    }
}

}  // namespace

std::string comment_of(const Field& field, std::size_t depth, Gap gap) {
    std::string words(field.doc);
    if (field.presence == Presence::optional) words += words.empty() ? "(optional)" : " (optional)";
    if (words.empty()) return {};
    std::string text = gap == Gap::blank_line ? "\n" : "";
    std::string line = "#";
    const auto finish = [&] { text += indentation(depth) + line + "\n"; };
    for (std::size_t at = 0; at < words.size();) {
        const std::size_t end = std::min(words.find(' ', at), words.size());
        const std::string_view word = std::string_view(words).substr(at, end - at);
        if (line.size() > 1 && line.size() + 1 + word.size() > comment_width) {
            finish();
            line = "#";
        }
        line += " " + std::string(word);
        at = end + 1;
    }
    finish();
    return text;
}

std::string describe_type(const Type& type) {
    std::string text =
        "# One tab a level indents. A comment has lines of its own. Nothing is quoted or\n"
        "# escaped: a value is the rest of its line.\n\n";
    describe_fields(text, type, 0);
    return text;
}

}  // namespace mox::config::sconf
