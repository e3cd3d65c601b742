#include "server/imap/search_key.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

using Kind = SearchKey::Kind;
using model::Flag;

struct FlagName {
    std::string_view name, negated;
    Flag flag;
};
constexpr std::array flag_names{
    FlagName{"ANSWERED", "UNANSWERED", Flag::answered},
    FlagName{"DELETED", "UNDELETED", Flag::deleted},
    FlagName{"DRAFT", "UNDRAFT", Flag::draft},
    FlagName{"FLAGGED", "UNFLAGGED", Flag::flagged},
    FlagName{"SEEN", "UNSEEN", Flag::seen},
};

enum class Argument { none, set, text, number, positive, day, id };
struct KeyName {
    std::string_view name;
    Kind kind;
    Argument argument;
};
constexpr std::array key_names{
    KeyName{"ALL", Kind::all, Argument::none},
    KeyName{"BCC", Kind::bcc, Argument::text},
    KeyName{"BEFORE", Kind::before, Argument::day},
    KeyName{"BODY", Kind::body, Argument::text},
    KeyName{"CC", Kind::cc, Argument::text},
    KeyName{"EMAILID", Kind::email_id, Argument::id},
    KeyName{"FROM", Kind::from, Argument::text},
    KeyName{"LARGER", Kind::larger, Argument::number},
    KeyName{"OLDER", Kind::older, Argument::positive},
    KeyName{"ON", Kind::on, Argument::day},
    KeyName{"RECENT", Kind::recent, Argument::none},
    KeyName{"SAVEDATESUPPORTED", Kind::all, Argument::none},
    KeyName{"SAVEDBEFORE", Kind::saved_before, Argument::day},
    KeyName{"SAVEDON", Kind::saved_on, Argument::day},
    KeyName{"SAVEDSINCE", Kind::saved_since, Argument::day},
    KeyName{"SENTBEFORE", Kind::sent_before, Argument::day},
    KeyName{"SENTON", Kind::sent_on, Argument::day},
    KeyName{"SENTSINCE", Kind::sent_since, Argument::day},
    KeyName{"SINCE", Kind::since, Argument::day},
    KeyName{"SMALLER", Kind::smaller, Argument::number},
    KeyName{"SUBJECT", Kind::subject, Argument::text},
    KeyName{"TEXT", Kind::text, Argument::text},
    KeyName{"THREADID", Kind::thread_id, Argument::id},
    KeyName{"TO", Kind::to, Argument::text},
    KeyName{"UID", Kind::uids, Argument::set},
    KeyName{"YOUNGER", Kind::younger, Argument::positive},
};

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

SearchKey negation(SearchKey key) {
    SearchKey out{.kind = Kind::negation};
    out.keys.push_back(std::move(key));
    return out;
}

class KeyParser {
public:
    explicit KeyParser(Parser& parser) : parser_(parser), in_(parser.cursor()) {}

    SearchKey keys(std::size_t depth) {
        SearchKey first = key(depth);
        if (in_.peek() != ' ') return first;
        SearchKey all{.kind = Kind::every};
        all.keys.push_back(std::move(first));
        while (in_.take(' ')) all.keys.push_back(key(depth));
        return all;
    }

private:
    SearchKey key(std::size_t depth) {
        if (depth > max_search_depth) in_.fail("search keys nested too deeply");
        if (++count_ > max_search_keys) in_.fail("too many search keys");
        if (in_.take('(')) {
            SearchKey inner = keys(depth + 1);
            in_.expect(')');
            return inner;
        }
        if (is_digit(in_.peek()) || in_.peek() == '*' || in_.peek() == '$')
            return {.kind = Kind::numbers, .set = parse_sequence_set(in_)};
        const auto word = in_.take_while(is_letter);
        if (equal_ignoring_case(word, "NOT")) {
            in_.expect(' ');
            return negation(key(depth + 1));
        }
        if (equal_ignoring_case(word, "OR")) {
            SearchKey out{.kind = Kind::either};
            for (int i = 0; i < 2; ++i) {
                in_.expect(' ');
                out.keys.push_back(key(depth + 1));
            }
            return out;
        }
        for (const auto& row : flag_names) {
            if (equal_ignoring_case(word, row.name)) return {.kind = Kind::flag, .flag = row.flag};
            if (equal_ignoring_case(word, row.negated)) return negation({.kind = Kind::flag, .flag = row.flag});
        }
        if (equal_ignoring_case(word, "KEYWORD")) return keyword();
        if (equal_ignoring_case(word, "UNKEYWORD")) return negation(keyword());
        if (equal_ignoring_case(word, "NEW")) return recent_and_unseen();
        if (equal_ignoring_case(word, "OLD")) return negation({.kind = Kind::recent});
        if (equal_ignoring_case(word, "HEADER")) return header();
        if (equal_ignoring_case(word, "MODSEQ")) return mod_seq();
        return named(word);
    }

    static SearchKey recent_and_unseen() {
        SearchKey both{.kind = Kind::every};
        both.keys.push_back({.kind = Kind::recent});
        both.keys.push_back(negation({.kind = Kind::flag, .flag = Flag::seen}));
        return both;
    }

    SearchKey named(std::string_view word) {
        const auto row =
            std::ranges::find_if(key_names, [&](const KeyName& r) { return equal_ignoring_case(r.name, word); });
        if (row == key_names.end()) in_.fail("unknown search key");
        SearchKey out{.kind = row->kind};
        if (row->argument != Argument::none) in_.expect(' ');
        switch (row->argument) {
            case Argument::none:
                break;
            case Argument::set:
                out.set = parse_sequence_set(in_);
                break;
            case Argument::text:
                out.text = text();
                if (out.kind == Kind::body || out.kind == Kind::text) count_text();
                break;
            case Argument::number:
                out.number = number();
                break;
            case Argument::positive:
                out.number = number();
                if (out.number == 0) in_.fail("expected a number above 0");
                break;
            case Argument::day:
                out.day = day();
                break;
            case Argument::id:
                out.name = parser_.astring();
                break;
        }
        return out;
    }

    void count_text() {
        if (++texts_ > max_search_texts) in_.fail("too many texts to look for");
    }
    std::uint64_t number() { return in_.expect_number((1ULL << 63U) - 1); }
    std::string text() { return mime::guess_utf8(parser_.astring()); }

    SearchKey keyword() {
        in_.expect(' ');
        const std::string name = parser_.atom();
        if (const auto flag = model::flag_from_imap_name(name)) return {.kind = Kind::flag, .flag = *flag};
        if (!model::is_keyword(name)) in_.fail("no keyword can be called that");
        return {.kind = Kind::keyword, .name = ascii_lower(name)};
    }

    SearchKey header() {
        count_text();
        in_.expect(' ');
        SearchKey out{.kind = Kind::header, .name = ascii_lower(parser_.astring())};
        in_.expect(' ');
        out.text = text();
        return out;
    }

    // RFC 7162 section 3.1.5. There is one modseq for all of a message.
    SearchKey mod_seq() {
        in_.expect(' ');
        if (in_.peek() == '"') {
            (void)parser_.string();
            in_.expect(' ');
            const auto type = in_.take_while(is_letter);
            if (!equal_ignoring_case(type, "priv") && !equal_ignoring_case(type, "shared") &&
                !equal_ignoring_case(type, "all"))
                in_.fail("expected priv, shared or all");
            in_.expect(' ');
        }
        return {.kind = Kind::mod_seq, .number = number()};
    }

    std::int32_t day() {
        const bool quoted = in_.take('"');
        const auto day_of_month = in_.expect_number(31);
        in_.expect('-');
        const auto name = in_.take_while(is_letter);
        const auto month = std::ranges::find_if(months, [&](auto m) { return equal_ignoring_case(m, name); });
        if (month == months.end()) in_.fail("expected a month");
        in_.expect('-');
        const auto year = in_.expect_number(9999);
        const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                               std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                               std::chrono::day(static_cast<unsigned>(day_of_month))};
        if (!date.ok()) in_.fail("there is no such day");
        if (quoted) in_.expect('"');
        return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
    }

    Parser& parser_;
    Cursor& in_;
    std::size_t count_ = 0, texts_ = 0;
};

std::string day_text(std::int32_t day) {
    const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
    std::string year = std::to_string(static_cast<int>(date.year()));
    year.insert(0, 4 - std::min<std::size_t>(year.size(), 4), '0');
    return std::to_string(static_cast<unsigned>(date.day())) + '-' +
           std::string(months[static_cast<unsigned>(date.month()) - 1]) + '-' + year;
}

void print(Writer& to, const SearchKey& key, bool nested) {
    switch (key.kind) {
        case Kind::every:
            if (nested) to.raw('(');
            for (const auto& inner : key.keys) {
                if (&inner != key.keys.data()) to.raw(' ');
                print(to, inner, true);
            }
            if (nested) to.raw(')');
            return;
        case Kind::either:
            to.raw("OR");
            for (const auto& inner : key.keys) {
                to.raw(' ');
                print(to, inner, true);
            }
            return;
        case Kind::negation:
            to.raw("NOT ");
            return print(to, key.keys.front(), true);
        case Kind::numbers:
            return to.raw(to_string(key.set));
        case Kind::flag: {
            const auto row = std::ranges::find_if(flag_names, [&](const auto& r) { return key.flag.has(r.flag); });
            if (row != flag_names.end()) return to.raw(row->name);
            to.raw("KEYWORD ");
            return to.raw(model::imap_names(key.flag).front());
        }
        case Kind::keyword:
            to.raw("KEYWORD ");
            return to.raw(key.name);
        case Kind::mod_seq:
            to.raw("MODSEQ ");
            return to.number(key.number);
        case Kind::header:
            to.raw("HEADER ");
            to.astring(key.name);
            to.raw(' ');
            return to.astring(key.text);
        default:
            break;
    }
    const auto& row = *std::ranges::find(key_names, key.kind, &KeyName::kind);
    to.raw(row.name);
    if (row.argument != Argument::none) to.raw(' ');
    switch (row.argument) {
        case Argument::none:
            break;
        case Argument::set:
            to.raw(to_string(key.set));
            break;
        case Argument::text:
            to.astring(key.text);
            break;
        case Argument::number:
        case Argument::positive:
            to.number(key.number);
            break;
        case Argument::day:
            to.raw(day_text(key.day));
            break;
        case Argument::id:
            to.astring(key.name);
            break;
    }
}

}  // namespace

SearchKey parse_search_keys(Parser& in) {
    SearchKey key = KeyParser(in).keys(1);
    in.end();
    return key;
}

std::string to_string(const SearchKey& key) {
    std::string out;
    Writer writer(out, Texts::ascii);
    print(writer, key, false);
    return out;
}

bool contains(const SearchKey& key, SearchKey::Kind kind) {
    return key.kind == kind || std::ranges::any_of(key.keys, [&](const auto& inner) { return contains(inner, kind); });
}

}  // namespace mox::imap
