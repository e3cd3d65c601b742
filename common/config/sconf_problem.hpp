#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/sconf.hpp"

// Parts of the parser that concern what it says to people.

namespace mox::config::sconf {

// Collects the problems of one text, at most max_problems.
class Problems {
public:
    void error(std::size_t line, std::string message, std::string hint = {});
    void warning(std::size_t line, std::string message, std::string hint = {});
    // All of them, sorted by line; a last one says how many were left out.
    [[nodiscard]] std::vector<Problem> take();

private:
    void add(Problem problem);

    std::vector<Problem> problems_;
    std::size_t left_out_ = 0;
};

// `text` quoted, shortened when it is long.
[[nodiscard]] std::string shown(std::string_view text);

// What to try instead of the unknown `key`: a field's name that differs only in case, blanks or a few letters. Empty
// when there is none.
[[nodiscard]] std::string near_miss(std::string_view key, std::span<const Field> fields);

}  // namespace mox::config::sconf
