#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// Where one command of a client ends and the next begins: lines, and the literals in them (RFC 9051 sections 2.2.1 and
// 4.3).

namespace mox::imap {

class CommandReader {
public:
    // The head of a literal: "{3+}".
    struct Literal {
        std::uint64_t size = 0;
        bool synchronizing = true;
    };
    // That at the end of a line, if there is one.
    [[nodiscard]] static std::optional<Literal> literal_at_end(std::string_view line);

    struct Incomplete {};  // more bytes are needed
    struct Command {
        std::string text;  // without the last line end; literals as they came: "{3}" CRLF and three bytes
    };
    struct WantsLiteral {};  // a continuation is to be sent, and the client waits for it
    // A literal of a command that has messages in it (APPEND), for which large ones need not be kept: accept() or
    // detach() follows.
    struct Announced {
        std::string text;  // of the command, with the head of the literal, without line end
    };
    // More than is taken. The tag may be empty or none. A client that waits for a continuation can go on with another
    // command; all others have sent the bytes already or will, so that the conversation cannot go on.
    struct TooLarge {
        std::string start;  // of the command
        bool can_continue = false;
        std::string_view what;  // "literal too big"
    };
    using Item = std::variant<Incomplete, Command, WantsLiteral, Announced, TooLarge>;

    void append(std::string_view bytes);
    [[nodiscard]] Item next();
    // A line of its own, for answers to a continuation; without its line end.
    [[nodiscard]] Item next_line();
    // After Announced: a literal as all others; as next().
    [[nodiscard]] Item accept();
    // After Announced: what comes now is no part of the command any more, but for take_bytes() and next_line().
    void detach();
    [[nodiscard]] std::string take_bytes(std::size_t most);
    // Forgets everything that came.
    void clear();

    void set_max_literal_bytes(std::size_t size) { max_literal_bytes_ = size; }
    // Literals of APPEND are announced.
    void announce_messages() { announces_ = true; }
    [[nodiscard]] bool empty() const { return buffer_.size() == start_; }

private:
    [[nodiscard]] std::string_view pending() const { return std::string_view(buffer_).substr(start_); }
    [[nodiscard]] Item too_large(std::string_view what, bool can_continue);
    std::string take(std::size_t size);

    [[nodiscard]] bool is_append() const;
    // Empty: go on.
    [[nodiscard]] std::optional<Item> begin_literal(const Literal& literal, std::size_t line_end);

    std::size_t max_literal_bytes_ = 0;
    bool announces_ = false;
    std::optional<Literal> announced_;
    std::string buffer_;
    std::size_t start_ = 0;          // of the present command in buffer_
    std::size_t line_ = 0;           // of its present line, relative to start_
    std::size_t searched_ = 0;       // no line end before here, relative to start_
    std::size_t literal_bytes_ = 0;  // in all of it
    std::size_t literals_ = 0;
    std::size_t literal_end_ = 0;  // relative to start_; 0: not inside a literal
};

}  // namespace mox::imap
