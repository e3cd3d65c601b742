#include "cli/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/encoding.hpp"

namespace mox::cli {

namespace {

std::string joined(const std::vector<std::string>& list) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ", ") + quote(item);
    return out;
}

struct Shown {
    std::string operator()(bool value) const { return value ? "yes" : "no"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return fmt::format("{:.1f}", value); }
    std::string operator()(const std::string& value) const { return quote(value); }
    std::string operator()(const std::vector<std::string>& value) const { return joined(value); }
};

std::string shown_as(const Value& value, std::string_view form) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* number = std::get_if<std::int64_t>(&value);
    const auto bar = form.find('|');
    if (form.empty()) return std::visit(Shown{}, value);
    if (form == "plain" && text != nullptr) return escaped(*text);
    if (form == "raw" && text != nullptr) return *text;
    if (form == "bytes" && number != nullptr)
        return size_text(static_cast<std::uint64_t>(std::max<std::int64_t>(*number, 0)));
    if (bar != std::string_view::npos && number != nullptr)
        return fmt::format("{} {}", *number, *number == 1 ? form.substr(0, bar) : form.substr(bar + 1));
    throw std::logic_error(fmt::format("form '{}' does not fit the value", form));
}

std::string json_text(const std::string& text) {
    return is_utf8(text) ? text : escaped(text);
}

struct Json {
    nlohmann::ordered_json operator()(const std::string& value) const { return json_text(value); }
    nlohmann::ordered_json operator()(const std::vector<std::string>& value) const {
        auto list = nlohmann::ordered_json::array();
        for (const auto& item : value) list.push_back(json_text(item));
        return list;
    }
    nlohmann::ordered_json operator()(auto value) const { return value; }
};

}  // namespace

Record& Record::set(std::string_view key, Value value) {
    if (key.empty() || key == "type") throw std::logic_error("a record cannot have this key");
    const auto at = std::find_if(fields_.begin(), fields_.end(), [&](const auto& field) { return field.first == key; });
    if (at != fields_.end())
        at->second = std::move(value);
    else
        fields_.emplace_back(key, std::move(value));
    return *this;
}

const Value* Record::find(std::string_view key) const {
    for (const auto& [name, value] : fields_)
        if (name == key) return &value;
    return nullptr;
}

std::string Record::to_text() const {
    std::string out;
    if (text_.empty()) {
        for (const auto& [key, value] : fields_)
            out += fmt::format("{} {}={}", out.empty() ? "" : ",", key, std::visit(Shown{}, value));
        return type_ + ":" + out;
    }
    std::string_view rest = text_;
    while (!rest.empty()) {
        const auto open = rest.find('{');
        out += rest.substr(0, open);
        if (open == std::string_view::npos) break;
        rest.remove_prefix(open + 1);
        if (rest.starts_with('{')) {
            out += '{';
            rest.remove_prefix(1);
            continue;
        }
        const std::string_view field = rest.substr(0, rest.find('}'));
        const std::string_view key = field.substr(0, field.find(':'));
        const Value* value = find(key);
        if (value == nullptr || field.size() == rest.size())
            throw std::logic_error(fmt::format("the text of record '{}' names '{}', which is not set", type_, key));
        out += shown_as(*value, key.size() == field.size() ? std::string_view() : field.substr(key.size() + 1));
        rest.remove_prefix(field.size() + 1);
    }
    return out;
}

std::string Record::to_json() const {
    nlohmann::ordered_json object;
    object["type"] = type_;
    for (const auto& [key, value] : fields_) object[key] = std::visit(Json{}, value);
    return object.dump();
}

std::string size_text(std::uint64_t size_bytes) {
    if (size_bytes < 1024) return fmt::format("{} {}", size_bytes, size_bytes == 1 ? "byte" : "bytes");
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto value = static_cast<double>(size_bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1023.95 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace mox::cli
