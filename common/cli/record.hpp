#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mox::cli {

using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

// One result: named values in order, written once and shown either as a line for people or as one line of JSON.
//
//   Record("summary", "imported {messages:message|messages} ({size_bytes:bytes}) into {mailbox}")
//       .set("mailbox", name).set("messages", count).set("size_bytes", size)
//
// The text names fields in braces: {key} shows a number, yes or no, a quoted string, or a list of quoted strings;
// {key:plain} a string without quotes, control characters escaped; {key:raw} a string byte for byte; {key:one|many} a
// number and the word that fits it ("1 message"); {key:bytes} a size ("1.5 MiB"). "{{" is a brace. Without a text it
// is "type: key=value, key=value".
//
// Keys are snake_case with the unit at the end (size_bytes, elapsed_seconds); "type" is taken. A text that names a
// field that is not set is a std::logic_error when it is shown.
class Record {
public:
    explicit Record(std::string_view type, std::string_view text = {}) : type_(type), text_(text) {}

    Record& set(std::string_view key, Value value);
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) Record& set(std::string_view key, Integer value) {
        return set(key, Value(static_cast<std::int64_t>(value)));
    }
    Record& set(std::string_view key, const std::string& value) { return set(key, Value(value)); }
    Record& set(std::string_view key, std::string_view value) { return set(key, Value(std::string(value))); }
    Record& set(std::string_view key, const char* value) { return set(key, Value(std::string(value))); }
    Record& set(std::string_view key, const std::filesystem::path& value) { return set(key, Value(value.string())); }

    [[nodiscard]] const std::string& type() const { return type_; }
    [[nodiscard]] const std::vector<std::pair<std::string, Value>>& fields() const { return fields_; }
    // nullptr when it is not set.
    [[nodiscard]] const Value* find(std::string_view key) const;

    // Without a final LF.
    [[nodiscard]] std::string to_text() const;
    // One line without LF, `type` first. A string that is not UTF-8 appears as base's escaped() writes it.
    [[nodiscard]] std::string to_json() const;

private:
    std::string type_;
    std::string text_;
    std::vector<std::pair<std::string, Value>> fields_;
};

// 1536 is "1.5 KiB"; below 1 KiB "12 bytes".
[[nodiscard]] std::string size_text(std::uint64_t size_bytes);

}  // namespace mox::cli
