#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/sconf_fields.hpp"

// "sconf", the syntax of mox.conf and domains.conf: lines of "key: value", nested by tabs. docs/configuration.md has
// the grammar. Everything here works on texts in memory; config/load.hpp reads the files.

namespace mox::config::sconf {

// The first so many problems of a text are reported; the rest is only counted as "more".
inline constexpr std::size_t max_problems = 1000;

enum class Severity {
    error,    // the configuration cannot be used
    warning,  // legal, but probably not meant
};

// Something wrong with a line of a text. message and hint are clauses without a full stop; hint may be empty.
struct Problem {
    std::size_t line = 0;  // from 1; a missing key is reported at the line that opens its block, 1 for the file itself
    std::string message;
    std::string hint;
    Severity severity = Severity::error;

    friend bool operator==(const Problem&, const Problem&) = default;
};

[[nodiscard]] bool has_errors(const std::vector<Problem>& problems);

// "file:line: message; hint" or "file:line: warning: message; hint".
[[nodiscard]] std::string render(const Problem& problem, std::string_view file);

// The way to a part of a text from its top: keys, and numbers of list items from 0.
class Path {
public:
    Path() = default;
    Path(std::initializer_list<std::string_view> keys);
    [[nodiscard]] Path operator/(std::string_view key) const;
    [[nodiscard]] Path operator/(std::size_t item) const { return *this / std::to_string(item); }
    [[nodiscard]] const std::string& joined() const { return joined_; }

private:
    std::string joined_;  // each key with a line feed, which none can contain, after it
};

// The lines at which the parts of a text begin.
class Lines {
public:
    void note(const std::string& joined_path, std::size_t line) { lines_.emplace(joined_path, line); }
    // Of the innermost part on the path that the text has; 1 when it has none of it.
    [[nodiscard]] std::size_t find(const Path& path) const;
    // Of exactly this part; nullopt when the text does not have it.
    [[nodiscard]] std::optional<std::size_t> at(const Path& path) const;

private:
    std::map<std::string, std::size_t, std::less<>> lines_;
};

template <class T>
struct Parsed {
    T value;                        // complete when ok(), otherwise what could be read
    std::vector<Problem> problems;  // sorted by line
    Lines lines;

    [[nodiscard]] bool ok() const { return !has_errors(problems); }
};

// Whether writing adds what the fields mean as comments.
enum class Docs { omit, include };

// The same without knowing the type at compile time. `type` is a structure, `object` of that type and fresh.
[[nodiscard]] std::vector<Problem> parse_into(const Type& type, void* object, std::string_view text, Lines& lines);
[[nodiscard]] std::string write_from(const Type& type, const void* object, Docs docs);
[[nodiscard]] std::string describe_type(const Type& type);
[[nodiscard]] std::string edit_from(const Type& type, std::string_view text, const Lines& lines, const void* before,
                                    const void* after);

// Reads a whole text and reports every problem, not only the first. Never throws for bad text.
template <class T>
[[nodiscard]] Parsed<T> parse(std::string_view text) {
    Parsed<T> result;
    result.problems = parse_into(type_of<T>, &result.value, text, result.lines);
    return result;
}

// A text that parses to an equal value: fields in the order of the table, zero optional ones omitted, maps sorted.
// Throws Error{failed} naming the field when a string cannot be written, because the syntax has no escapes: a line
// feed or a final CR in a value, a colon or a leading blank in a map's key.
template <class T>
[[nodiscard]] std::string write(const T& value, Docs docs = Docs::omit) {
    return write_from(type_of<T>, &value, docs);
}

// `text`, which parses to `before` with these `lines`, changed so that it parses to `after`: lines of what did not
// change stay, with their order and comments. A comment right above a part that goes is taken to belong to it. Throws
// as write().
template <class T>
[[nodiscard]] std::string edit(std::string_view text, const Lines& lines, const T& before, const T& after) {
    std::string edited = edit_from(type_of<T>, text, lines, &before, &after);
    const Parsed<T> result = parse<T>(edited);
    return result.ok() && result.value == after ? edited : write(after);
}

// A template that shows every field, with what it means, its zero value, and one element "x" in each map.
template <class T>
[[nodiscard]] std::string describe() {
    return describe_type(type_of<T>);
}

}  // namespace mox::config::sconf
