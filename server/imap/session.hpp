#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "server/auth/attempt_limiter.hpp"
#include "server/auth/sasl.hpp"
#include "server/imap/command_reader.hpp"
#include "server/imap/parser.hpp"
#include "server/log/log.hpp"
#include "server/net/session.hpp"

// IMAP4 (RFC 9051, RFC 3501), one connection at a time, without its socket. Commands are in one file each (cmd_*.cpp),
// and in a table (commands.hpp) that tells in which states they may be used.

namespace mox::imap {

// What all sessions share; outlives them.
struct Environment {
    login::Users& users;
    login::AttemptLimiter& attempts;
    const Clock& clock;
    std::string hostname;
    std::string secret;  // as login::Environment has it
    std::string version;
    std::function<bool(const std::string& hash, std::string_view password)> matches = auth::bcrypt_matches;
};

// What differs between listeners.
struct Settings {
    bool starttls = false;              // can be had
    bool plain_text_passwords = false;  // NoRequireSTARTTLS
};

enum class State { not_authenticated, authenticated };

// A command that the client has sent wrongly or that cannot be done: "NO" or "BAD", with an optional response code.
struct Refusal {
    enum class Kind { no, bad } kind = Kind::no;
    std::string code;  // "AUTHENTICATIONFAILED"; empty: none
    std::string text;
};
[[nodiscard]] Refusal no(std::string text, std::string code = {});
[[nodiscard]] Refusal bad(std::string text, std::string code = {});

class Session final : public net::Session {
public:
    Session(const Environment& environment, const Settings& settings, const net::Peer& peer, log::Logger log);

    [[nodiscard]] net::Reply start() override;
    [[nodiscard]] net::Reply feed(std::string_view bytes) override;
    [[nodiscard]] net::Reply resume() override;
    void tls_started(const net::TlsState& state) override;
    [[nodiscard]] std::string farewell(net::Farewell why) override;
    [[nodiscard]] std::chrono::seconds patience() const override;
    [[nodiscard]] std::optional<std::chrono::seconds> time_limit() const override;

    // For commands, which throw Refusal or SyntaxError for what they do not do:
    [[nodiscard]] const Environment& environment() const { return environment_; }
    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] const log::Logger& log() const { return log_; }
    [[nodiscard]] const std::optional<net::TlsState>& tls() const { return tls_; }
    [[nodiscard]] const login::Channel& channel() const { return channel_; }
    [[nodiscard]] const login::IpAddress& address() const { return address_; }
    [[nodiscard]] State state() const { return state_; }

    void untagged(std::string_view text);                             // "* text"
    void ok(std::string_view text = {}, std::string_view code = {});  // ends the command; "done" without a text
    void refuse(const Refusal& refusal);                              // likewise
    void close();                                                     // after what was said
    void start_tls();
    void log_in(const login::Identity& who);
    // Counts a failed login and ends the command with `refusal`, after a while.
    void login_failed(Refusal refusal);
    // Runs `job` on a worker, then `then` as if it were the command: it ends it, or asks for more.
    void work(std::function<void()> job, std::function<void()> then);
    // Sends a continuation request; `then` gets the client's line.
    void ask(std::string_view text, std::function<void(const std::string& line)> then);

private:
    [[nodiscard]] net::Reply process();
    // False when there is nothing complete.
    bool process_one();
    void process_line(const std::string& line);
    void run_command(const std::string& text);
    void too_large(const CommandReader::TooLarge& what);
    void count_error();
    void guarded(const std::function<void()>& action);

    const Environment& environment_;
    const Settings settings_;
    log::Logger log_;
    login::IpAddress address_;
    login::Channel channel_;
    std::optional<net::TlsState> tls_;
    State state_ = State::not_authenticated;
    std::optional<login::Identity> who_;
    CommandReader reader_;
    net::Reply reply_;                                 // as far as it goes
    std::string tag_, command_;                        // the present one, as typed
    std::function<void()> then_;                       // after work or a wait
    std::function<void(const std::string&)> on_line_;  // the client answers a continuation
    bool any_command_ = false;
    int errors_ = 0, failed_logins_ = 0;
};

}  // namespace mox::imap
