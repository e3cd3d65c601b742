#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "config/sconf.hpp"
#include "config/sconf_problem.hpp"
#include "config/sconf_value.hpp"

namespace mox::config::sconf {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

// A line that says something: no comment, not empty.
struct Line {
    std::size_t number;     // from 1
    std::size_t tabs;       // at its start
    std::string_view text;  // after them, without the line end
    [[nodiscard]] bool is_space_indented() const { return text.starts_with(' '); }
};

std::string counted(std::size_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

// Splits the text and reports what is wrong with lines as such.
std::vector<Line> split_lines(std::string_view text, Problems& problems) {
    std::vector<Line> lines;
    std::size_t first_cr = 0, cr_count = 0;
    if (text.starts_with(byte_order_mark)) {
        problems.error(1, "the file starts with a byte order mark", "save it as UTF-8 without one");
        text.remove_prefix(byte_order_mark.size());
    }
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, length);
        text.remove_prefix(std::min(length + 1, text.size()));
        const auto content = line.find_first_not_of(" \t");
        if (content != std::string_view::npos && line[content] == '#') continue;
        if (line.ends_with('\r')) {
            if (cr_count++ == 0) first_cr = number;
            line.remove_suffix(1);
        }
        if (line.empty()) continue;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            problems.error(number, "line consists of blanks only", "make it completely empty");
            continue;
        }
        const std::size_t tabs = line.find_first_not_of('\t');
        lines.push_back({number, tabs, line.substr(tabs)});
    }
    if (cr_count > 0)
        problems.error(
            first_cr,
            "line ends in CR" + (cr_count > 1 ? ", and so do " + counted(cr_count - 1, "other line") : std::string()),
            "lines must end in LF alone, as Unix editors write them");
    return lines;
}

// The line that opened a block, and how messages call it.
struct Block {
    std::size_t line = 1;
    std::string name = "the file";
};

// One "key: value" or "- value".
struct Entry {
    std::size_t line;
    std::string_view key;
    std::string_view value;
    std::string name;  // for messages: 'Key', item 2 of 'Key'
};

// Keys of one block, with the line of their first use.
using Seen = std::map<std::string, std::size_t, std::less<>>;

// Recursive descent over lines; the depth is bounded by the schema. Each line is consumed once, in the innermost block
// that is open, so that a mistake stays where it is.
class Parser {
public:
    Parser(std::vector<Line> lines, Problems& problems, Lines& places)
        : lines_(std::move(lines)),
          problems_(problems),
          places_(places) {}

    void file(const Type& type, void* object) { structure(type, object, Block{}, 0); }

private:
    [[nodiscard]] bool at_end() const { return at_ == lines_.size(); }
    [[nodiscard]] bool child_follows(std::size_t depth) const {
        return !at_end() && (lines_[at_].tabs > depth || lines_[at_].is_space_indented());
    }
    void skip_children(std::size_t depth) {
        while (!at_end() && lines_[at_].tabs > depth) ++at_;
    }

    bool next_in_block(std::size_t depth, Seen& seen);
    void skip_space_indented(Seen& seen);
    void skip_too_deep(std::size_t depth, Seen& seen);
    bool split(Entry& entry, const Block& block, Kind kind, std::size_t depth);
    void unknown_key(const Entry& entry, std::span<const Field> fields, const Block& block);
    bool is_first(const Entry& entry, const Block& block, Seen& seen);
    void warn_of_blanks(const Entry& entry);

    void structure(const Type& type, void* object, const Block& block, std::size_t depth);
    void map(const Type& type, void* object, const Block& block, std::size_t depth);
    void list(const Type& type, void* object, const Block& block, std::size_t depth);
    void part(const Type& type, void* object, const Entry& entry, std::string_view key, std::size_t depth);
    void value(const Type& type, void* object, const Entry& entry, std::size_t depth);
    void nested(const Type& type, void* object, const Entry& entry, std::size_t depth);

    std::vector<Line> lines_;
    std::size_t at_ = 0;
    Problems& problems_;
    Lines& places_;
    std::string path_;  // of the part that is being read, as Path::joined()
};

// So that a key on a line that had to be skipped does not count as missing too.
void note_key(const Line& line, Seen& seen) {
    const std::string_view text = trimmed(line.text);
    if (const auto colon = text.find(':'); colon != std::string_view::npos && colon > 0)
        seen.emplace(std::string(text.substr(0, colon)), 0);
}

void Parser::skip_space_indented(Seen& seen) {
    const std::size_t first = at_;
    for (; !at_end() && lines_[at_].is_space_indented(); ++at_) note_key(lines_[at_], seen);
    if (at_ == first) return;
    std::string message = lines_[first].tabs > 0 ? "indented with tabs and spaces" : "indented with spaces";
    if (at_ - first > 1)
        message +=
            ", and so " + std::string(at_ - first == 2 ? "is " : "are ") + counted(at_ - first - 1, "following line");
    problems_.error(lines_[first].number, std::move(message), "indent with one tab a level");
}

void Parser::skip_too_deep(std::size_t depth, Seen& seen) {
    const Line& first = lines_[at_];
    problems_.error(first.number,
                    "indented too deep, with " + counted(first.tabs, "tab") + " instead of " + std::to_string(depth),
                    depth == 0 ? "" : "nothing above it can have contents at this level");
    for (; !at_end() && lines_[at_].tabs > depth; ++at_)
        if (lines_[at_].tabs <= first.tabs) note_key(lines_[at_], seen);
}

// Moves to the next line of the block at `depth`, over lines with a wrong indentation. False at its end.
bool Parser::next_in_block(std::size_t depth, Seen& seen) {
    while (!at_end()) {
        const Line& line = lines_[at_];
        if (line.is_space_indented())
            skip_space_indented(seen);
        else if (line.tabs <= depth)
            return line.tabs == depth;
        else
            skip_too_deep(depth, seen);
    }
    return false;
}

// Takes a line of the form "key: value". False, with all below the line skipped, when it has not that form.
bool Parser::split(Entry& entry, const Block& block, Kind kind, std::size_t depth) {
    const Line& line = lines_[at_++];
    const auto fail = [&](std::string message, std::string hint) {
        problems_.error(line.number, std::move(message), std::move(hint));
        skip_children(depth);
        return false;
    };
    const auto colon = line.text.find(':');
    if (colon == std::string_view::npos) {
        const bool is_item = line.text == "-" || line.text.starts_with("- ");
        return fail("no colon in " + shown(line.text) + " in " + block.name,
                    is_item ? "items of a list stand one tab deeper than its key" : "lines have the form 'key: value'");
    }
    entry.line = line.number;
    entry.key = line.text.substr(0, colon);
    entry.name = shown(entry.key);
    if (entry.key.empty()) return fail("empty key in " + block.name, "");
    std::string_view rest = line.text.substr(colon + 1);
    if (!rest.empty() && rest.front() != ' ') {
        const bool may_be_part = kind == Kind::map && rest.find(':') != std::string_view::npos;
        return fail("no space after the colon of " + entry.name, may_be_part ? "a key cannot contain a colon" : "");
    }
    entry.value = rest.empty() ? rest : rest.substr(1);
    return true;
}

void Parser::unknown_key(const Entry& entry, std::span<const Field> fields, const Block& block) {
    std::string hint = near_miss(entry.key, fields);
    for (const auto& field : fields)
        if (field.name == trimmed(entry.key)) hint = "remove the blanks before the colon";
    if (hint.empty() && fields.size() <= 8) {
        hint = "known are";
        for (const auto& field : fields) hint += (&field == fields.data() ? " " : ", ") + std::string(field.name);
    }
    problems_.error(entry.line, "unknown key " + entry.name + " in " + block.name, std::move(hint));
}

bool Parser::is_first(const Entry& entry, const Block& block, Seen& seen) {
    const auto [position, inserted] = seen.emplace(std::string(entry.key), entry.line);
    if (inserted || position->second == 0) return true;
    problems_.error(entry.line, "key " + entry.name + " occurs twice in " + block.name,
                    "the first is in line " + std::to_string(position->second));
    return false;
}

void Parser::warn_of_blanks(const Entry& entry) {
    if (entry.value.empty() || trimmed(entry.value).size() == entry.value.size()) return;
    problems_.warning(entry.line,
                      "the value of " + entry.name + " has a blank at its start or end, which belongs to it");
}

void Parser::structure(const Type& type, void* object, const Block& block, std::size_t depth) {
    const auto fields = type.fields();
    Seen seen;
    while (next_in_block(depth, seen)) {
        Entry entry{};
        if (!split(entry, block, Kind::structure, depth)) {
            if (!entry.key.empty()) seen.emplace(std::string(entry.key), 0);
            continue;
        }
        const auto field =
            std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == entry.key; });
        if (field == fields.end()) {
            unknown_key(entry, fields, block);
            skip_children(depth);
            continue;
        }
        if (is_first(entry, block, seen))
            part(*field->type, field->member(object), entry, entry.key, depth);
        else
            skip_children(depth);
    }
    for (const auto& field : fields)
        if (field.presence == Presence::required && !seen.contains(field.name))
            problems_.error(block.line, "missing required key " + quote(field.name) + " in " + block.name);
}

void Parser::map(const Type& type, void* object, const Block& block, std::size_t depth) {
    Seen seen;
    while (next_in_block(depth, seen)) {
        Entry entry{};
        if (!split(entry, block, Kind::map, depth)) continue;
        if (trimmed(entry.key).size() != entry.key.size())
            problems_.warning(entry.line, "key " + entry.name + " has a blank at its end, which belongs to it");
        if (!is_first(entry, block, seen)) {
            skip_children(depth);
            continue;
        }
        void* element = type.add(object, entry.key);
        if (entry.value == "nil")
            places_.note(path_ + std::string(entry.key) + "\n", entry.line);
        else
            part(*type.element, element, entry, entry.key, depth);
    }
}

void Parser::list(const Type& type, void* object, const Block& block, std::size_t depth) {
    Seen seen;
    for (std::size_t count = 1; next_in_block(depth, seen); ++count) {
        const Line& line = lines_[at_++];
        const bool is_item = line.text.starts_with('-');
        if (!is_item || (line.text.size() > 1 && line.text[1] != ' ')) {
            problems_.error(line.number,
                            is_item ? "no space after the dash in " + shown(line.text)
                                    : shown(line.text) + " is not an item of " + block.name,
                            "items of a list have the form '- value'");
            skip_children(depth);
            continue;
        }
        const Entry entry{line.number,
                          {},
                          line.text.substr(std::min<std::size_t>(2, line.text.size())),
                          "item " + std::to_string(count) + " of " + block.name};
        part(*type.element, type.add(object, {}), entry, std::to_string(count - 1), depth);
    }
}

void Parser::part(const Type& type, void* object, const Entry& entry, std::string_view key, std::size_t depth) {
    const std::size_t length = path_.size();
    path_.append(key).push_back('\n');
    places_.note(path_, entry.line);
    value(type, object, entry, depth);
    path_.resize(length);
}

void Parser::value(const Type& type, void* object, const Entry& entry, std::size_t depth) {
    if (type.kind == Kind::optional) return value(*type.element, type.add(object, {}), entry, depth);
    if (!is_scalar(type.kind)) return nested(type, object, entry, depth);
    if (const std::string reason = read_scalar(type.kind, entry.value, object); !reason.empty()) {
        const bool only_blanks = trimmed(entry.value).size() != entry.value.size();
        problems_.error(entry.line, entry.name + ": " + reason, only_blanks ? "a value has no blanks around it" : "");
    } else {
        warn_of_blanks(entry);
    }
}

void Parser::nested(const Type& type, void* object, const Entry& entry, std::size_t depth) {
    if (!trimmed(entry.value).empty()) {
        const std::string_view form = type.kind == Kind::list
                                          ? "its items follow on lines of their own, as '- value', one tab deeper"
                                          : "its contents follow on lines of their own, one tab deeper";
        problems_.error(entry.line, entry.name + " takes no value on its own line, but has " + shown(entry.value),
                        std::string(form));
        skip_children(depth);
        return;
    }
    const Block block{entry.line, entry.name};
    if (!child_follows(depth)) {
        // An empty list or map is a value like any other; a structure without fields is a mistake.
        if (type.kind == Kind::structure)
            problems_.error(entry.line, entry.name + " has no contents",
                            "they follow on lines of their own, one tab deeper");
        return;
    }
    switch (type.kind) {
        case Kind::structure:
            return structure(type, object, block, depth + 1);
        case Kind::map:
            return map(type, object, block, depth + 1);
        default:
            return list(type, object, block, depth + 1);
    }
}

}  // namespace

Path::Path(std::initializer_list<std::string_view> keys) {
    for (const auto key : keys) joined_.append(key).push_back('\n');
}

Path Path::operator/(std::string_view key) const {
    Path longer = *this;
    longer.joined_.append(key).push_back('\n');
    return longer;
}

std::size_t Lines::find(const Path& path) const {
    for (std::string_view joined = path.joined(); !joined.empty();) {
        if (const auto found = lines_.find(joined); found != lines_.end()) return found->second;
        joined.remove_suffix(1);
        joined = joined.substr(0, joined.rfind('\n') + 1);
    }
    return 1;
}

std::vector<Problem> parse_into(const Type& type, void* object, std::string_view text, Lines& lines) {
    Problems problems;
    Parser(split_lines(text, problems), problems, lines).file(type, object);
    return problems.take();
}

std::optional<std::size_t> Lines::at(const Path& path) const {
    const auto found = lines_.find(path.joined());
    return found == lines_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace mox::config::sconf
