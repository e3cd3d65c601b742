#include "server/imap/search_request.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "server/imap/refusal.hpp"

namespace mox::imap {

namespace {

struct OptionName {
    std::string_view name;
    bool ReturnOptions::*option;
};
constexpr std::array option_names{
    OptionName{"MIN", &ReturnOptions::min},       OptionName{"MAX", &ReturnOptions::max},
    OptionName{"ALL", &ReturnOptions::all},       OptionName{"COUNT", &ReturnOptions::count},
    OptionName{"SAVE", &ReturnOptions::save},     OptionName{"CONTEXT", &ReturnOptions::context},
    OptionName{"UPDATE", &ReturnOptions::update},
};

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// True, and past it, when `word` and a blank follow.
bool take_word(Cursor& in, std::string_view word) {
    const auto rest = in.rest();
    if (rest.size() <= word.size() || rest[word.size()] != ' ' ||
        !equal_ignoring_case(rest.substr(0, word.size()), word))
        return false;
    in.advance(word.size() + 1);
    return true;
}

void parse_option(Cursor& in, ReturnOptions& options) {
    const auto name = in.take_while(is_letter);
    const bool is_page = equal_ignoring_case(name, "PARTIAL");
    // RFC 9394 section 3.1.
    if ((options.all || options.page) && (is_page || equal_ignoring_case(name, "ALL")))
        in.fail("PARTIAL and ALL exclude each other, and themselves");
    if (is_page) {
        in.expect(' ');
        options.page = parse_page(in);
        return;
    }
    const auto row =
        std::ranges::find_if(option_names, [&](const auto& r) { return equal_ignoring_case(r.name, name); });
    if (row == option_names.end()) in.fail("unknown return option");
    options.*row->option = true;
}

}  // namespace

std::optional<ReturnOptions> parse_return_options(Parser& parser) {
    auto& in = parser.cursor();
    if (!take_word(in, "RETURN")) return std::nullopt;
    ReturnOptions options;
    in.expect('(');
    if (in.take(')')) {
        options.all = true;
    } else {
        do parse_option(in, options);
        while (in.take(' '));
        in.expect(')');
    }
    in.expect(' ');
    return options;
}

std::string to_string(const ReturnOptions& options) {
    std::string out = "RETURN (";
    const auto add = [&](std::string_view option) { out.append(out.ends_with('(') ? "" : " ").append(option); };
    for (const auto& row : option_names)
        if (options.*row.option) add(row.name);
    if (options.page) add("PARTIAL " + to_string(*options.page));
    return out + ") ";
}

void parse_charset(Parser& in) {
    const std::string name = in.astring();
    if (!equal_ignoring_case(name, "UTF-8") && !equal_ignoring_case(name, "US-ASCII"))
        throw no("only US-ASCII and UTF-8 can be searched for", "BADCHARSET (US-ASCII UTF-8)");
}

SearchRequest parse_search(Parser& in) {
    SearchRequest request{.returns = parse_return_options(in)};
    if (take_word(in.cursor(), "CHARSET")) {
        parse_charset(in);
        in.space();
    }
    request.key = parse_search_keys(in);
    return request;
}

std::string to_string(const SearchRequest& request) {
    return (request.returns ? to_string(*request.returns) : std::string()) + to_string(request.key);
}

}  // namespace mox::imap
