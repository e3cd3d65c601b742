#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mox {

// Broken grammar. offset() counts bytes from the start of the text given to the parser and is never beyond its end.
class SyntaxError : public Error {
public:
    SyntaxError(std::size_t offset, std::string message) : Error(Errc::corrupt, std::move(message)), offset_(offset) {}
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

private:
    std::size_t offset_;
};

// Reads a text from left to right, so that a parser reads like its grammar. Keeps a view: the text must outlive it.
class Cursor {
public:
    explicit Cursor(std::string_view text) : text_(text) {}

    [[nodiscard]] bool at_end() const { return position_ == text_.size(); }
    [[nodiscard]] std::size_t offset() const { return position_; }
    [[nodiscard]] std::string_view rest() const { return text_.substr(position_); }
    // The next character, NUL at the end.
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }
    void advance(std::size_t count) {
        position_ += count < text_.size() - position_ ? count : text_.size() - position_;
    }

    bool take(char c) {
        if (at_end() || text_[position_] != c) return false;
        ++position_;
        return true;
    }
    bool take(std::string_view word) {
        if (!rest().starts_with(word)) return false;
        position_ += word.size();
        return true;
    }
    template <class Predicate>
    std::string_view take_while(Predicate&& matches) {
        const std::size_t start = position_;
        while (!at_end() && matches(text_[position_])) ++position_;
        return text_.substr(start, position_ - start);
    }
    void expect(char c) {
        if (!take(c)) fail(std::string("expected '") + c + "'");
    }
    void expect_end() const {
        if (!at_end()) fail("unexpected text at the end");
    }
    // Decimal digits, at least one, at most `largest`.
    std::uint64_t expect_number(std::uint64_t largest = std::numeric_limits<std::uint64_t>::max()) {
        const std::size_t start = position_;
        std::uint64_t value = 0;
        for (; peek() >= '0' && peek() <= '9'; ++position_) {
            const auto digit = static_cast<std::uint64_t>(peek() - '0');
            if (value > (largest - digit) / 10) throw SyntaxError(start, "number too large");
            value = value * 10 + digit;
        }
        if (position_ == start) fail("expected a number");
        return value;
    }
    [[noreturn]] void fail(std::string message) const { throw SyntaxError(position_, std::move(message)); }

private:
    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace mox
