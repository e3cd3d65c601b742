#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// Answers of a server as a client reads them.

namespace mox::test {

// What a server may not say.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};
inline void demand(bool condition, const std::string& what) {
    if (!condition) throw Violation(what);
}

// A response: a line, with its literals as "{}" in `text`.
struct ResponseLine {
    std::string text;
    std::vector<std::string> literals;
};

inline std::vector<ResponseLine> lines_of(std::string_view answer) {
    std::vector<ResponseLine> lines;
    while (!answer.empty()) {
        ResponseLine line;
        for (;;) {
            const auto end = answer.find("\r\n");
            demand(end != std::string_view::npos, "a line without an end");
            const auto part = answer.substr(0, end);
            answer.remove_prefix(end + 2);
            const auto brace = part.ends_with('}') ? part.rfind('{') : std::string_view::npos;
            if (brace == std::string_view::npos) {
                line.text += part;
                break;
            }
            const auto size = static_cast<std::size_t>(std::stoul(std::string(part.substr(brace + 1))));
            demand(answer.size() >= size, "a literal that is too short");
            line.text.append(part.substr(0, brace)).append("{}");
            line.literals.emplace_back(answer.substr(0, size));
            answer.remove_prefix(size);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

// Takes words off the front of a text.
class Words {
public:
    explicit Words(std::string_view text) : text_(text) {}
    [[nodiscard]] bool empty() const { return text_.empty(); }
    [[nodiscard]] std::string_view rest() const { return text_; }
    bool take(std::string_view what) {
        if (!text_.starts_with(what)) return false;
        text_.remove_prefix(what.size());
        return true;
    }
    void expect(std::string_view what) {
        demand(take(what), "expected '" + std::string(what) + "' before '" + std::string(text_) + "'");
    }
    std::string_view until(std::string_view ends) {
        const auto word = text_.substr(0, text_.find_first_of(ends));
        text_.remove_prefix(word.size());
        return word;
    }
    std::uint64_t number() {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        demand(error == std::errc{}, "expected a number before '" + std::string(text_) + "'");
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return value;
    }
    std::optional<std::uint64_t> number_if() {
        if (text_.empty() || text_.front() < '0' || text_.front() > '9') return std::nullopt;
        return number();
    }

private:
    std::string_view text_;
};

// "1:3,7" as 1 2 3 7; strictly ascending.
inline std::vector<std::uint32_t> numbers_of(std::string_view set) {
    std::vector<std::uint32_t> numbers;
    for (Words in(set); !in.empty();) {
        const auto first = in.number();
        const auto last = in.take(":") ? in.number() : first;
        demand(first <= last && (numbers.empty() || numbers.back() < first), "a set out of order: " + std::string(set));
        for (auto number = first; number <= last; ++number) numbers.push_back(static_cast<std::uint32_t>(number));
        if (!in.empty()) in.expect(",");
    }
    return numbers;
}

struct FetchLine {
    std::optional<std::uint32_t> uid;
    std::optional<std::set<std::string>> flags;
    std::optional<std::uint64_t> modseq, size;
    std::optional<std::string> text;  // the one literal
};

// What is between the parentheses of "* 1 FETCH (…)".
inline FetchLine fetch_line_of(const ResponseLine& line, Words in) {
    FetchLine out;
    in.expect("(");
    while (!in.take(")")) {
        const auto name = in.until(" ");
        in.expect(" ");
        if (name == "UID") {
            out.uid = static_cast<std::uint32_t>(in.number());
        } else if (name == "MODSEQ") {
            in.expect("(");
            out.modseq = in.number();
            in.expect(")");
        } else if (name == "RFC822.SIZE") {
            out.size = in.number();
        } else if (name == "FLAGS") {
            in.expect("(");
            out.flags.emplace();
            while (!in.take(")")) {
                demand(out.flags->emplace(in.until(" )")).second, "a flag twice");
                (void)in.take(" ");
            }
        } else if (name.starts_with("BODY[")) {
            while (!in.take("{}")) {
                demand(!in.empty(), "a section without a literal: " + line.text);
                in.take(" ") ? void() : void(in.until(" "));
            }
            demand(line.literals.size() == 1, "not one literal");
            out.text = line.literals.front();
        } else {
            throw Violation("an item that was not asked for: " + std::string(name));
        }
        (void)in.take(" ");
    }
    demand(in.empty(), "something behind FETCH");
    return out;
}

}  // namespace mox::test
