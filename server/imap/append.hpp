#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/append_grammar.hpp"
#include "server/imap/session.hpp"
#include "server/imap/url_contents.hpp"

namespace mox::imap {

// One APPEND (RFC 9051 section 6.3.12), also of several messages (RFC 3502) and of messages that are put together (RFC
// 4469), from the head of its first literal on. Messages go to files below tmp/ as they come, so that none is in
// memory, and become visible all together, or not at all, when the command is complete. What is wrong is told as soon
// as a client can hear it: at once when it waits for a continuation, else when its literals have passed.
class Append {
public:
    explicit Append(Session& session) : session_(session), grammar_(session.environment().clock.now()) {}
    Append(const Append&) = delete;
    Append& operator=(const Append&) = delete;
    ~Append();

    // The command up to the head of a literal. False: the literal is the name of the mailbox.
    [[nodiscard]] bool begin(const std::string& command);
    // One without literals: its messages are made of URLs alone. The parser stands behind its name.
    void begin_complete(Parser& in);
    [[nodiscard]] bool done() const { return done_; }
    // What the client sends afterwards; false when it must send more.
    [[nodiscard]] bool advance(CommandReader& reader);

private:
    struct Received {
        std::filesystem::path file;
        store::WrittenFile written;
        store::NewMessage details;
    };

    [[nodiscard]] std::vector<AppendPart> first_line(Parser& in);
    void take_line(std::optional<CommandReader::Literal> literal,
                   const std::function<std::vector<AppendPart>()>& parse);
    void go_on();
    void prepare(store::Account& account);
    void open_message(store::Account& account, store::NewMessage details);
    void find_contents(store::Account& account, const std::string& text);
    void reserve(std::uint64_t bytes);
    void copy_some();
    void write(const std::string& bytes);
    void finish_message();
    [[nodiscard]] std::int64_t bytes_received() const;
    void store_all();
    void fail(Refusal refusal);
    void end(const Refusal& refusal);
    void guarded(const std::function<void()>& work);
    void receive_or_refuse();
    void end_literal();

    Session& session_;
    AppendGrammar grammar_;
    std::string mailbox_;
    std::deque<AppendPart> parts_;                   // of the present line, that are to be done
    std::optional<CommandReader::Literal> literal_;  // at its end
    bool reserved_ = false;                          // room for that
    std::uint64_t remaining_ = 0;                    // of its bytes
    bool in_literal_ = false;
    std::optional<UrlContents> contents_;  // that are being copied
    // The message that comes now.
    store::NewMessage details_;
    std::filesystem::path file_;
    store::MessageWriter writer_;
    std::uint64_t message_bytes_ = 0;  // announced so far
    std::size_t message_parts_ = 0;
    bool after_cr_ = false;
    std::vector<Received> received_;
    std::optional<Refusal> failure_;  // to be told
    bool done_ = false;
};

}  // namespace mox::imap
