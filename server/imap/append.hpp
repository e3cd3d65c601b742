#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/session.hpp"
#include "store/deliver.hpp"

namespace mox::imap {

// One APPEND (RFC 9051 section 6.3.12), also of several messages (RFC 3502), from the head of its first message on.
// Messages go to files below tmp/ as they come, so that none is in memory, and become visible all together, or not at
// all, when the command is complete. What is wrong is told as soon as a client can hear it: at once when it waits for a
// continuation, else when its literals have passed.
class Append {
public:
    explicit Append(Session& session) : session_(session) {}
    Append(const Append&) = delete;
    Append& operator=(const Append&) = delete;
    ~Append();

    // The command up to the head of a literal. False: the literal is the name of the mailbox.
    [[nodiscard]] bool begin(const std::string& command);
    [[nodiscard]] bool done() const { return done_; }
    // What the client sends afterwards; false when it must send more.
    [[nodiscard]] bool advance(CommandReader& reader);

private:
    struct Message {
        store::NewMessage details;
        CommandReader::Literal literal;
        bool utf8 = false;  // ")" follows the literal
    };
    struct Received {
        std::filesystem::path file;
        store::WrittenFile written;
        store::NewMessage details;
    };

    void parse_message(Parser& in, Message& message);
    void begin_message(Parser& in);
    void open_file(store::Account& account);
    void write(const std::string& bytes);
    void next_line(const std::string& line);
    [[nodiscard]] std::int64_t bytes_received() const;
    void store_all();
    void fail(Refusal refusal);
    void end(const Refusal& refusal);
    void guarded(const std::function<void()>& work);
    // What to do about a message when it is known how it begins.
    void receive_or_refuse();

    Session& session_;
    std::string mailbox_;
    Message message_;              // that comes now
    std::uint64_t remaining_ = 0;  // of its bytes
    bool in_literal_ = false;
    std::filesystem::path file_;  // that it goes to
    store::MessageWriter writer_;
    bool after_cr_ = false;
    std::vector<Received> received_;
    std::optional<Refusal> failure_;  // to be told
    bool done_ = false;
};

}  // namespace mox::imap
