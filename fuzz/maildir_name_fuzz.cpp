// The parts of a maildir name lie inside it and do not depend on each other; the order of names is an order; every
// keyword that a name yields is valid. Input: names, one a line, then an empty line and a dovecot-keywords file.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "intake/maildir_name.hpp"
#include "require.hpp"

namespace {

using namespace mox::intake;

using mox::fuzz::require;

void check_name(std::string_view name, const MaildirKeywords& keywords) {
    const auto parts = parse_maildir_name(name);
    require(name.starts_with(parts.base));
    require(name.substr(parts.base.size()).find(parts.letters) != std::string_view::npos || parts.letters.empty());
    require(parts.letters.find(',') == std::string_view::npos);
    const std::string base(parts.base);
    const auto bare = parse_maildir_name(base);
    require(bare.base == base && bare.letters.empty() && bare.time == parts.time);
    const std::string renamed = base + ":2,FS";
    require(parse_maildir_name(renamed).base == base && parse_maildir_name(renamed).letters == "FS");
    if (parts.time) require(name.starts_with(std::to_string(*parts.time) + "."));

    mox::model::FlagsAndKeywords marks;
    const auto unknown = add_maildir_letters(marks, parts.letters, keywords);
    for (const char c : unknown) require(parts.letters.find(c) != std::string_view::npos);
    for (const auto& keyword : marks.keywords) require(mox::model::is_keyword(keyword));
    for (const auto& rejected : marks.rejected) require(!rejected.empty() && !mox::model::is_keyword(rejected));
    require(mox::model::normalised(marks.keywords) == marks.keywords);
}

void check_order(const std::vector<std::string_view>& names) {
    for (const auto a : names)
        for (const auto b : names) {
            require(!(maildir_order(a, b) && maildir_order(b, a)));
            require(a == b || maildir_order(a, b) || maildir_order(b, a));
            for (const auto c : names) require(!(maildir_order(a, b) && maildir_order(b, c)) || maildir_order(a, c));
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<std::string_view> names;
    while (!text.empty() && text[0] != '\n' && names.size() < 12) {
        const auto end = std::min(text.find('\n'), text.size());
        names.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::vector<std::string> problems;
    const auto keywords = parse_dovecot_keywords(text, problems);
    require(problems.size() <= static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
    for (const auto name : names) check_name(name, keywords);
    check_order(names);
    return 0;
}
