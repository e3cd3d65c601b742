#include "server/imap/flag_names.hpp"

#include <array>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

using model::Flag;

// Those of IMAP first, as clients are used to.
constexpr std::array order{Flag::seen,      Flag::answered, Flag::flagged,  Flag::deleted,  Flag::draft,
                           Flag::forwarded, Flag::junk,     Flag::not_junk, Flag::phishing, Flag::mdn_sent};

void add_flag(Parser& in, FlagList& list) {
    const bool system = in.take('\\');
    const std::string name = (system ? "\\" : "") + in.atom();
    if (const auto flag = model::flag_from_imap_name(name)) {
        list.flags = list.flags.with(*flag);
        return;
    }
    if (system) in.fail("no flag that can be set: " + name);
    if (const auto problem = model::keyword_problem(name); !problem.empty()) in.fail("keyword " + std::string(problem));
    list.keywords.push_back(name);
}

void add_flags(Parser& in, FlagList& list) {
    do add_flag(in, list);
    while (in.take(' '));
}

}  // namespace

void append_flags(std::string& out, model::Flags flags, std::string_view keywords, bool recent) {
    bool any = recent;
    if (recent) out += "\\Recent";
    for (const Flag flag : order) {
        if (!flags.has(flag)) continue;
        if (any) out += ' ';
        out += model::imap_name(flag);
        any = true;
    }
    if (any && !keywords.empty()) out += ' ';
    out += keywords;
}

std::string flags_text(model::Flags flags, std::string_view keywords) {
    std::string out;
    append_flags(out, flags, keywords);
    return out;
}

FlagList parse_flag_list(Parser& in) {
    FlagList list;
    if (!in.take('(')) in.fail("expected a list of flags");
    if (in.take(')')) return list;
    add_flags(in, list);
    if (!in.take(')')) in.fail("expected the end of the list of flags");
    list.keywords = model::normalised(std::move(list.keywords));
    return list;
}

FlagList parse_store_flags(Parser& in) {
    if (in.cursor().peek() == '(') return parse_flag_list(in);
    FlagList list;
    add_flags(in, list);
    list.keywords = model::normalised(std::move(list.keywords));
    return list;
}

}  // namespace mox::imap
