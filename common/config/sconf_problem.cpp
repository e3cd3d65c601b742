#include "config/sconf_problem.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/encoding.hpp"

namespace mox::config::sconf {

namespace {

constexpr std::size_t longest_shown = 60;
constexpr std::size_t longest_compared = 64;

// How many letters to insert, remove, replace or swap with their neighbour (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before, above(b.size() + 1), row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before = above;
        above = row;
    }
    return above[b.size()];
}

}  // namespace

void Problems::add(Problem problem) {
    if (problems_.size() < max_problems)
        problems_.push_back(std::move(problem));
    else
        ++left_out_;
}

void Problems::error(std::size_t line, std::string message, std::string hint) {
    add({line, std::move(message), std::move(hint), Severity::error});
}

void Problems::warning(std::size_t line, std::string message, std::string hint) {
    add({line, std::move(message), std::move(hint), Severity::warning});
}

std::vector<Problem> Problems::take() {
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    if (left_out_ > 0)
        problems_.push_back({problems_.back().line,
                             "too many problems, " + std::to_string(left_out_) + " more are not shown",
                             {},
                             Severity::error});
    return std::move(problems_);
}

bool has_errors(const std::vector<Problem>& problems) {
    return std::any_of(problems.begin(), problems.end(),
                       [](const Problem& p) { return p.severity == Severity::error; });
}

std::string render(const Problem& problem, std::string_view file) {
    std::string text = escaped(file) + ":" + std::to_string(problem.line) + ": ";
    if (problem.severity == Severity::warning) text += "warning: ";
    text += problem.message;
    if (!problem.hint.empty()) text += "; " + problem.hint;
    return text;
}

std::string shown(std::string_view text) {
    if (text.size() <= longest_shown) return quote(text);
    std::size_t length = longest_shown;
    while (length > longest_shown - 4 && (static_cast<unsigned char>(text[length]) & 0xc0U) == 0x80U) --length;
    return quote(text.substr(0, length)) + "…";
}

std::string near_miss(std::string_view key, std::span<const Field> fields) {
    const std::string wanted = ascii_lower(trimmed(key));
    if (wanted.empty() || wanted.size() > longest_compared) return {};
    std::string_view best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const auto& field : fields) {
        const std::string name = ascii_lower(field.name);
        std::size_t letters = distance(wanted, name);
        // A beginning or an ending of the name is closer than the letters it lacks make it.
        if (wanted.size() >= 4 && (name.starts_with(wanted) || name.ends_with(wanted)))
            letters = std::min<std::size_t>(letters, 2);
        if (letters < best_distance) {
            best = field.name;
            best_distance = letters;
        }
    }
    const std::size_t limit = wanted.size() < 5 ? 1 : wanted.size() < 10 ? 2 : 3;
    if (best_distance > limit) return {};
    return "did you mean " + quote(best) + "?";
}

}  // namespace mox::config::sconf
