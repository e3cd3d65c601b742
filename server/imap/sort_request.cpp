#include "server/imap/sort_request.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

using Key = SortCriterion::Key;

struct KeyName {
    std::string_view name;
    Key key;
};
constexpr std::array key_names{
    KeyName{"ARRIVAL", Key::arrival},
    KeyName{"CC", Key::cc},
    KeyName{"DATE", Key::date},
    KeyName{"DISPLAYFROM", Key::display_from},
    KeyName{"DISPLAYTO", Key::display_to},
    KeyName{"FROM", Key::from},
    KeyName{"SIZE", Key::size},
    KeyName{"SUBJECT", Key::subject},
    KeyName{"TO", Key::to},
};

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

SortCriterion criterion(Cursor& in) {
    SortCriterion out;
    auto name = in.take_while(is_letter);
    if (equal_ignoring_case(name, "REVERSE")) {
        out.reverse = true;
        in.expect(' ');
        name = in.take_while(is_letter);
    }
    const auto row = std::ranges::find_if(key_names, [&](const auto& r) { return equal_ignoring_case(r.name, name); });
    if (row == key_names.end()) in.fail("unknown sort key");
    out.key = row->key;
    return out;
}

}  // namespace

SortRequest parse_sort(Parser& parser) {
    auto& in = parser.cursor();
    SortRequest request{.returns = parse_return_options(parser)};
    in.expect('(');
    do {
        if (request.criteria.size() == max_sort_criteria) in.fail("too many sort keys");
        request.criteria.push_back(criterion(in));
    } while (in.take(' '));
    in.expect(')');
    in.expect(' ');
    parse_charset(parser);
    in.expect(' ');
    // RFC 5267 has them in front, but there are clients that say them here, as SEARCH has them.
    if (!request.returns) request.returns = parse_return_options(parser);
    request.key = parse_search_keys(parser);
    return request;
}

std::string to_string(const SortRequest& request) {
    std::string out = (request.returns ? to_string(*request.returns) : std::string()) + "(";
    for (const auto& criterion : request.criteria) {
        if (!out.ends_with('(')) out += ' ';
        if (criterion.reverse) out += "REVERSE ";
        out += std::ranges::find(key_names, criterion.key, &KeyName::key)->name;
    }
    return out + ") UTF-8 " + to_string(request.key);
}

ThreadRequest parse_thread(Parser& parser) {
    auto& in = parser.cursor();
    ThreadRequest request;
    const auto name = in.take_while(is_letter);
    if (equal_ignoring_case(name, "REFERENCES"))
        request.threading = Threading::references;
    else if (equal_ignoring_case(name, "ORDEREDSUBJECT"))
        request.threading = Threading::ordered_subject;
    else
        in.fail("unknown way of threading");
    in.expect(' ');
    parse_charset(parser);
    in.expect(' ');
    request.key = parse_search_keys(parser);
    return request;
}

}  // namespace mox::imap
