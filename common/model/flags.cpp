#include "model/flags.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/encoding.hpp"

namespace mox::model {

namespace {

struct FlagName {
    std::string_view name;
    Flag flag;
};

constexpr std::array imap_flag_names{
    FlagName{"\\Seen", Flag::seen},        FlagName{"\\Answered", Flag::answered},
    FlagName{"\\Flagged", Flag::flagged},  FlagName{"\\Deleted", Flag::deleted},
    FlagName{"\\Draft", Flag::draft},      FlagName{"$Junk", Flag::junk},
    FlagName{"$NotJunk", Flag::not_junk},  FlagName{"$Forwarded", Flag::forwarded},
    FlagName{"$Phishing", Flag::phishing}, FlagName{"$MDNSent", Flag::mdn_sent},
};

constexpr std::array other_flag_names{
    FlagName{"junk", Flag::junk},         FlagName{"notjunk", Flag::not_junk},    FlagName{"nonjunk", Flag::not_junk},
    FlagName{"$nonjunk", Flag::not_junk}, FlagName{"forwarded", Flag::forwarded}, FlagName{"phishing", Flag::phishing},
    FlagName{"mdnsent", Flag::mdn_sent},
};

template <class Table>
std::optional<Flag> look_up(const Table& table, std::string_view name) {
    for (const auto& entry : table)
        if (equal_ignoring_case(entry.name, name)) return entry.flag;
    return std::nullopt;
}

}  // namespace

std::optional<Flag> flag_from_imap_name(std::string_view name) {
    return look_up(imap_flag_names, name);
}

std::optional<Flag> flag_from_name(std::string_view name) {
    if (const auto flag = look_up(imap_flag_names, name)) return flag;
    return look_up(other_flag_names, name);
}

std::string_view imap_name(Flag flag) {
    for (const auto& entry : imap_flag_names)
        if (entry.flag == flag) return entry.name;
    return {};
}

std::vector<std::string_view> imap_names(Flags flags) {
    std::vector<std::string_view> names;
    for (const auto& entry : imap_flag_names)
        if (flags.has(entry.flag)) names.push_back(entry.name);
    return names;
}

std::string_view keyword_problem(std::string_view keyword) {
    if (keyword.empty()) return "empty";
    if (keyword.size() > max_keyword_bytes) return "longer than 200 bytes";
    for (const char c : keyword) {
        if (c < 0x21 || c > 0x7e) return "has a character outside printable ASCII";
        if (std::string_view("(){%*\"\\]").find(c) != std::string_view::npos) return "has one of ( ) { % * \" \\ ]";
    }
    if (flag_from_imap_name(keyword)) return "is the name of a flag";
    return {};
}

Keywords normalised(Keywords keywords) {
    for (auto& keyword : keywords) keyword = ascii_lower(std::string_view(keyword));
    std::sort(keywords.begin(), keywords.end());
    keywords.erase(std::unique(keywords.begin(), keywords.end()), keywords.end());
    return keywords;
}

Keywords merged(const Keywords& a, const Keywords& b) {
    Keywords all;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(all));
    return all;
}

std::string joined(const Keywords& keywords) {
    std::string text;
    for (const auto& keyword : keywords) {
        if (!text.empty()) text += ' ';
        text += keyword;
    }
    return text;
}

Keywords split_keywords(std::string_view text) {
    Keywords keywords;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (end > 0) keywords.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return keywords;
}

std::string repaired_keyword(std::string_view name) {
    std::string keyword;
    bool telling = false;
    for (std::size_t i = 0; i < name.size() && keyword.size() < max_keyword_bytes;) {
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(name.substr(i)), 1);
        const char c = ascii_lower(name[i]);
        const bool allowed = is_keyword(name.substr(i, 1));
        telling = telling || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        keyword += allowed ? c : '_';
        i += length;
    }
    return telling && is_keyword(keyword) ? keyword : std::string();
}

void add_foreign_name(FlagsAndKeywords& to, std::string_view name) {
    name = trimmed(name);
    if (name.empty() || equal_ignoring_case(name, "\\Recent")) return;
    if (const auto flag = flag_from_name(name)) {
        to.flags = to.flags.with(*flag);
        return;
    }
    const bool valid = is_keyword(name);
    const std::string keyword = valid ? ascii_lower(name) : repaired_keyword(name);
    if (keyword.empty()) {
        to.rejected.emplace_back(name);
        return;
    }
    if (!valid) to.repaired.push_back({std::string(name), keyword});
    const auto at = std::lower_bound(to.keywords.begin(), to.keywords.end(), keyword);
    if (at == to.keywords.end() || *at != keyword) to.keywords.insert(at, keyword);
}

}  // namespace mox::model
