#include "intake/dovecot_files.hpp"

#include <algorithm>
#include <charconv>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "intake/maildir_name.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::size_t most_problems = 10;

std::optional<std::uint32_t> number_at_start(std::string_view& text) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    return number;
}

std::uint64_t key_of(std::string_view file_name) {
    return xxh3_64(parse_maildir_name(file_name).base);
}

int base64_digit(char c) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
    const auto at = digits.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

void append_utf8(std::string& to, std::uint32_t c) {
    const auto byte = [&](std::uint32_t value) { to += static_cast<char>(value); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xc0 | c >> 6U);
        byte(0x80 | (c & 0x3fU));
    } else if (c < 0x10000) {
        byte(0xe0 | c >> 12U);
        byte(0x80 | (c >> 6U & 0x3fU));
        byte(0x80 | (c & 0x3fU));
    } else {
        byte(0xf0 | c >> 18U);
        byte(0x80 | (c >> 12U & 0x3fU));
        byte(0x80 | (c >> 6U & 0x3fU));
        byte(0x80 | (c & 0x3fU));
    }
}

// The UTF-16 of a shift sequence, without its '&' and '-'. False when it is broken.
bool append_shifted(std::string& to, std::string_view digits) {
    std::uint32_t bits = 0, high = 0;
    unsigned count = 0;
    for (const char c : digits) {
        const int digit = base64_digit(c);
        if (digit < 0) return false;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 16) continue;
        count -= 16;
        const std::uint32_t unit = bits >> count & 0xffffU;
        bits &= (1U << count) - 1;
        if (high != 0) {
            if (unit < 0xdc00 || unit > 0xdfff) return false;
            append_utf8(to, 0x10000 + ((high - 0xd800) << 10U) + (unit - 0xdc00));
            high = 0;
        } else if (unit >= 0xd800 && unit <= 0xdbff) {
            high = unit;
        } else if (unit >= 0xdc00 && unit <= 0xdfff) {
            return false;
        } else {
            append_utf8(to, unit);
        }
    }
    return high == 0 && count < 6 && bits == 0;
}

}  // namespace

void UidList::feed(std::string_view piece) {
    while (!piece.empty()) {
        const auto end = std::min(piece.find('\n'), piece.size());
        const bool whole = end < piece.size();
        if (held_.size() + end > longest_line)
            too_long_ = true;
        else
            held_ += piece.substr(0, end);
        piece.remove_prefix(std::min(end + 1, piece.size()));
        if (!whole) return;
        take_line(held_);
        held_.clear();
        too_long_ = false;
    }
}

void UidList::finish() {
    if (!held_.empty()) take_line(held_);
    held_.clear();
    std::stable_sort(uids_.begin(), uids_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
}

void UidList::take_line(std::string_view line) {
    ++line_;
    line = trimmed(line);
    if (too_long_) return problem("too long");
    const auto number = number_at_start(line);
    if (line_ == 1) {
        version_ = number.value_or(0);
        if (version_ != 1 && version_ != 3) problem("not a version of dovecot-uidlist that is known");
        return;
    }
    if (line.empty() && !number) return;
    const auto name_at = version_ == 1 ? line.find_first_not_of(' ') : line.find(':');
    const auto name =
        name_at == std::string_view::npos ? std::string_view() : line.substr(version_ == 1 ? name_at : name_at + 1);
    if (!number || *number == 0 || name.empty()) return problem("expected a UID and the name of a file");
    uids_.emplace_back(key_of(name), *number);
}

void UidList::problem(std::string what) {
    if (problems_.size() < most_problems) problems_.push_back(std::to_string(line_) + ": " + std::move(what));
}

std::optional<std::uint32_t> UidList::uid_of(std::string_view file_name) const {
    const auto key = key_of(file_name);
    const auto found = std::lower_bound(uids_.begin(), uids_.end(), key,
                                        [](const auto& entry, std::uint64_t wanted) { return entry.first < wanted; });
    if (found == uids_.end() || found->first != key) return std::nullopt;
    return found->second;
}

std::set<std::string> parse_subscriptions(std::string_view text) {
    std::set<std::string> names;
    const bool tabs = text.starts_with("V\t2\n") || text.starts_with("V\t2\r\n");
    for (bool first = true; !text.empty(); first = false) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string name(trimmed(text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (name.empty() || (first && tabs)) continue;
        if (tabs) std::replace(name.begin(), name.end(), '\t', '.');
        names.insert(std::move(name));
    }
    return names;
}

std::optional<std::string> from_modified_utf7(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (static_cast<unsigned char>(text[i]) >= 0x80) return std::nullopt;
        if (text[i] != '&') {
            result += text[i];
            continue;
        }
        const auto end = text.find('-', i);
        if (end == std::string_view::npos) return std::nullopt;
        if (end == i + 1)
            result += '&';
        else if (!append_shifted(result, text.substr(i + 1, end - i - 1)))
            return std::nullopt;
        i = end;
    }
    return result;
}

std::vector<std::string> maildir_plus_parts(std::string_view folder_name) {
    std::vector<std::string> parts;
    while (!folder_name.empty()) {
        const auto end = std::min(folder_name.find('.'), folder_name.size());
        const auto part = folder_name.substr(0, end);
        folder_name.remove_prefix(std::min(end + 1, folder_name.size()));
        if (!part.empty()) parts.push_back(from_modified_utf7(part).value_or(std::string(part)));
    }
    return parts;
}

}  // namespace mox::intake
