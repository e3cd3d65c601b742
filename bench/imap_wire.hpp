#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"

namespace mox::bench {

// A client's side of IMAP, made to cost as little as possible: it looks for the ends of lines and the lengths of
// literals, and at nothing else of what the server says. Any server will do. One thread at a time. Throws
// Error{failed} when the connection breaks, or the answer to a command is not OK.
class ImapWire {
public:
    // What a command was answered with.
    struct Answer {
        std::size_t bytes = 0;     // in all
        std::size_t untagged = 0;  // answers
        std::size_t found = 0;     // numbers in the answer to SEARCH
    };
    using Visit = std::function<void(std::string_view literal)>;

    // To 127.0.0.1. `source`: from this address of the same net, in dots; empty: any. Reads the greeting.
    explicit ImapWire(std::uint16_t port, const std::string& source = {});

    // "TAG text CRLF", and waits for the tagged answer; `visit` gets each literal in between.
    Answer command(std::string_view text, const Visit& visit = nullptr);
    // The same for a command that ends with a literal, which is sent without being asked for (LITERAL+, RFC 7888).
    Answer command_with_literal(std::string_view text, std::string_view literal);

private:
    void send(std::string_view bytes);
    void receive();
    // What there is up to the next line end, without it; valid until the next call of anything.
    [[nodiscard]] std::string_view next_line();
    void pass_literal(std::size_t size, const Visit& visit);
    [[nodiscard]] std::string next_tag();
    Answer read_answer(std::string_view tag, const Visit& visit);

    UniqueFd fd_;
    std::vector<char> buffer_;
    std::size_t begin_ = 0, end_ = 0;  // what is received and not looked at
    std::size_t received_ = 0;
    unsigned commands_ = 0;
};

}  // namespace mox::bench
