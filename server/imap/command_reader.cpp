#include "server/imap/command_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/encoding.hpp"
#include "server/imap/limits.hpp"

namespace mox::imap {

// "{123}" or "{123+}" at the end of a line. RFC 7888; "-" of LITERAL- is not distinguished, and binary literals
// ("~{") are literals here.
std::optional<CommandReader::Literal> CommandReader::literal_at_end(std::string_view line) {
    if (!line.ends_with('}')) return std::nullopt;
    line.remove_suffix(1);
    Literal head;
    if (line.ends_with('+')) {
        head.synchronizing = false;
        line.remove_suffix(1);
    }
    const auto brace = line.rfind('{');
    if (brace == std::string_view::npos || brace + 1 == line.size()) return std::nullopt;
    const char* const end = line.data() + line.size();
    const auto [stopped, error] = std::from_chars(line.data() + brace + 1, end, head.size);
    if (stopped != end || error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) head.size = UINT64_MAX;
    return head;
}

void CommandReader::append(std::string_view bytes) {
    if (start_ > 0) {
        buffer_.erase(0, start_);
        start_ = 0;
    }
    buffer_ += bytes;
}

std::string CommandReader::take(std::size_t size) {
    std::string taken;
    if (start_ == 0 && size == buffer_.size()) {
        taken = std::move(buffer_);
        buffer_ = {};
    } else {
        taken = buffer_.substr(start_, size);
        start_ += size;
        if (start_ == buffer_.size()) {
            std::string().swap(buffer_);  // idle sessions hold no memory, which assigning would keep
            start_ = 0;
        }
    }
    line_ = searched_ = literal_bytes_ = literals_ = literal_end_ = 0;
    return taken;
}

void CommandReader::clear() {
    std::string().swap(buffer_);
    announced_.reset();
    start_ = line_ = searched_ = literal_bytes_ = literals_ = literal_end_ = 0;
}

CommandReader::Item CommandReader::too_large(std::string_view what, bool can_continue) {
    TooLarge out{.start = std::string(pending().substr(0, 256)), .can_continue = can_continue, .what = what};
    if (can_continue)
        (void)take(searched_);
    else
        clear();
    return out;
}

CommandReader::Item CommandReader::next() {
    for (;;) {
        if (literal_end_ > 0) {
            if (pending().size() < literal_end_) return Incomplete{};
            line_ = searched_ = literal_end_;
            literal_end_ = 0;
        }
        const auto end = pending().find('\n', searched_);
        const std::size_t line_end = end == std::string_view::npos ? pending().size() : end;
        if (line_end - literal_bytes_ > max_line_bytes) return too_large("line too long", false);
        if (end == std::string_view::npos) {
            searched_ = pending().size();
            return Incomplete{};
        }
        std::string_view line = pending().substr(line_, end - line_);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const auto literal = literal_at_end(line);
        searched_ = end + 1;
        if (!literal) {
            std::string text = take(end + 1);
            text.pop_back();
            if (text.ends_with('\r')) text.pop_back();
            return Command{std::move(text)};
        }
        if (announces_ && is_append()) {
            announced_ = literal;
            std::string_view text = pending().substr(0, end);
            if (text.ends_with('\r')) text.remove_suffix(1);
            return Announced{std::string(text)};
        }
        if (auto item = begin_literal(*literal, searched_)) return *std::move(item);
    }
}

std::optional<CommandReader::Item> CommandReader::begin_literal(const Literal& literal, std::size_t line_end) {
    if (literal.size > max_literal_bytes_) return too_large("literal too big", literal.synchronizing);
    if (++literals_ > max_literals || literal_bytes_ + literal.size > max_command_bytes)
        return too_large("too many literals", literal.synchronizing);
    literal_bytes_ += literal.size;
    literal_end_ = line_end + literal.size;
    if (literal.synchronizing) return WantsLiteral{};
    return std::nullopt;
}

CommandReader::Item CommandReader::accept() {
    const auto literal = std::exchange(announced_, std::nullopt);
    if (auto item = begin_literal(literal.value(), searched_)) return *std::move(item);
    return next();
}

void CommandReader::detach() {
    announced_.reset();
    (void)take(searched_);
}

std::string CommandReader::take_bytes(std::size_t most) {
    return take(std::min(most, pending().size()));
}

// The second word.
bool CommandReader::is_append() const {
    const auto text = pending();
    const auto space = text.find(' ');
    return space != std::string_view::npos && equal_ignoring_case(text.substr(space + 1, 7), "APPEND ");
}

CommandReader::Item CommandReader::next_line() {
    const auto end = pending().find('\n', searched_);
    if (std::min(end, pending().size()) > max_line_bytes) return too_large("line too long", false);
    if (end == std::string_view::npos) {
        searched_ = pending().size();
        return Incomplete{};
    }
    std::string text = take(end + 1);
    text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return Command{std::move(text)};
}

}  // namespace mox::imap
