#pragma once

#include <string>
#include <vector>

#include "server/imap/parser.hpp"
#include "store/deliver.hpp"

namespace mox::imap {

// What a line of APPEND asks for, one thing after the other (RFC 9051 section 6.3.12, RFC 3502, 4469 and 6855).
struct AppendPart {
    enum class Kind {
        message,      // begins, with `details`
        url,          // the bytes that `url` stands for
        literal,      // the bytes that follow the line; the last of its parts, as the next
        url_literal,  // these, as a URL
        message_end,
        end,  // of the command
    };
    Kind kind = Kind::end;
    store::NewMessage details = {};
    std::string url = {};
};

// Reads the lines of one APPEND, from behind the name of the mailbox on. All throw SyntaxError.
class AppendGrammar {
public:
    // `now`: of messages without a date.
    explicit AppendGrammar(const Timestamp& now) : now_(now) {}

    [[nodiscard]] std::vector<AppendPart> first_line(Parser& in);
    // After a literal.
    [[nodiscard]] std::vector<AppendPart> next_line(Parser& in);
    // What was read last is within CATENATE.
    [[nodiscard]] bool catenating() const { return catenating_; }

private:
    enum class At { message, part, after_part, after_message };
    [[nodiscard]] std::vector<AppendPart> read(Parser& in, At at, std::vector<AppendPart> parts);
    [[nodiscard]] AppendPart read_head(Parser& in) const;
    void begin_utf8(Parser& in);

    const Timestamp now_;
    bool catenating_ = false;
    bool utf8_ = false;  // ")" follows the literal
};

}  // namespace mox::imap
