#include "server/ctl/protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace mox::ctl {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view magic = "mox-ctl ";
constexpr std::string_view version = "mox-ctl 1 ";
constexpr std::size_t longest_head = 64;

constexpr std::array kinds{std::pair{"line"sv, FrameKind::line}, std::pair{"warning"sv, FrameKind::warning},
                           std::pair{"error"sv, FrameKind::error}, std::pair{"exit"sv, FrameKind::exit}};

constexpr std::array codes{std::pair{"failed"sv, Errc::failed},
                           std::pair{"usage"sv, Errc::usage},
                           std::pair{"not_found"sv, Errc::not_found},
                           std::pair{"locked"sv, Errc::locked},
                           std::pair{"newer_version"sv, Errc::newer_version},
                           std::pair{"unknown_format"sv, Errc::unknown_format},
                           std::pair{"corrupt"sv, Errc::corrupt},
                           std::pair{"no_space"sv, Errc::no_space},
                           std::pair{"interrupted"sv, Errc::interrupted}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    for (const auto& [name, known] : table)
        if (known == value) return name;
    return table.front().first;
}

template <class Table>
auto value_in(const Table& table, std::string_view name) -> std::optional<decltype(table.front().second)> {
    for (const auto& [known, value] : table)
        if (known == name) return value;
    return std::nullopt;
}

std::optional<std::size_t> number_of(std::string_view digits, std::size_t largest) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.empty() || value > largest)
        return std::nullopt;
    return value;
}

std::vector<std::string> words_of(std::string_view payload) {
    std::vector<std::string> words;
    while (!payload.empty()) {
        const auto end = payload.find('\0');
        words.emplace_back(payload.substr(0, end));
        payload.remove_prefix(end + 1);
    }
    return words;
}

[[noreturn]] void no_request() {
    throw Error(Errc::failed, "this is no request");
}

[[noreturn]] void no_answer() {
    throw Error(Errc::failed, "the control socket answers in another protocol",
                "the server is of another version; use its own programs");
}

std::array<std::string_view, 2> split(std::string_view payload) {
    const auto end = payload.find('\0');
    if (end == std::string_view::npos) no_answer();
    return {payload.substr(0, end), payload.substr(end + 1)};
}

}  // namespace

std::string encode(const Request& request) {
    std::string payload = request.command + '\0';
    for (const auto& argument : request.arguments) payload += argument + '\0';
    return std::string(version) + std::to_string(payload.size()) + "\n" + payload;
}

std::optional<Request> RequestReader::feed(std::string_view bytes) {
    // Never more than what a request may have.
    bytes = bytes.substr(0, longest_head + max_request_bytes + 1 - std::min(buffer_.size(), max_request_bytes));
    buffer_ += bytes;
    if (!length_) {
        const auto end = buffer_.find('\n');
        const std::string_view head = std::string_view(buffer_).substr(0, end);
        if (!std::string_view(magic).starts_with(head.substr(0, magic.size())) || head.size() > longest_head)
            no_request();
        if (end == std::string::npos) return std::nullopt;
        if (!head.starts_with(version))
            throw Error(Errc::newer_version, "the server speaks another version of the control protocol");
        length_ = number_of(head.substr(version.size()), max_request_bytes);
        if (!length_) no_request();
        buffer_.erase(0, end + 1);
    }
    if (buffer_.size() < *length_) return std::nullopt;
    if (buffer_.size() > *length_ || buffer_.empty() || buffer_.back() != '\0') no_request();
    auto words = words_of(buffer_);
    Request request{.command = std::move(words.front()), .arguments = {}};
    request.arguments.assign(std::make_move_iterator(words.begin() + 1), std::make_move_iterator(words.end()));
    return request;
}

std::string encode(FrameKind kind, std::string_view payload) {
    std::string frame(name_in(kinds, kind));
    frame.append(" ").append(std::to_string(payload.size())).append("\n").append(payload);
    return frame;
}

std::string encode_warning(std::string_view message, std::string_view hint) {
    return encode(FrameKind::warning, std::string(message) + '\0' + std::string(hint));
}

std::string encode_error(const Error& error) {
    const std::string code(name_in(codes, error.code()));
    return encode(FrameKind::error, code + '\0' + error.what() + '\0' + error.hint());
}

std::string encode_exit(int code) {
    return encode(FrameKind::exit, std::to_string(code));
}

std::optional<Frame> FrameReader::next() {
    const auto end = buffer_.find('\n');
    if (end == std::string::npos && buffer_.size() <= longest_head) return std::nullopt;
    const std::string_view head = std::string_view(buffer_).substr(0, end);
    const auto space = head.find(' ');
    if (end == std::string::npos || head.size() > longest_head || space == std::string_view::npos) no_answer();
    const auto kind = value_in(kinds, head.substr(0, space));
    const auto length = number_of(head.substr(space + 1), max_frame_bytes);
    if (!kind || !length) no_answer();
    if (buffer_.size() - end - 1 < *length) return std::nullopt;
    Frame frame{*kind, buffer_.substr(end + 1, *length)};
    buffer_.erase(0, end + 1 + *length);
    return frame;
}

Warning decode_warning(std::string_view payload) {
    const auto [message, hint] = split(payload);
    return {std::string(message), std::string(hint)};
}

Error decode_error(std::string_view payload) {
    const auto [code, rest] = split(payload);
    const auto [message, hint] = split(rest);
    return Error(value_in(codes, code).value_or(Errc::failed), std::string(message), std::string(hint));
}

int decode_exit(std::string_view payload) {
    const auto code = number_of(payload, 255);
    if (!code) no_answer();
    return static_cast<int>(*code);
}

}  // namespace mox::ctl
