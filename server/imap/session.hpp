#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "server/imap/accounts.hpp"
#include "server/imap/command_reader.hpp"
#include "server/imap/parser.hpp"
#include "server/imap/refusal.hpp"
#include "server/imap/selected.hpp"
#include "server/imap/session_state.hpp"
#include "server/log/log.hpp"
#include "server/net/session.hpp"

// IMAP4 (RFC 9051, RFC 3501), one connection at a time, without its socket. Commands are in one file each (cmd_*.cpp),
// and in a table (commands.hpp) that tells in which states they may be used.
//
// What needs the account's data runs in steps on the account's strand (Session::on_account). A step writes up to
// about enough_output bytes and returns Progress::more; the next one runs when the client has taken these. No statement
// or transaction is open between two steps, and anything may have happened in the database meanwhile, but not in the
// view (selected.hpp): it changes between commands only.

namespace mox::imap {

class Append;

class Session final : public net::Session {
public:
    Session(const Environment& environment, const Settings& settings, const net::Peer& peer, log::Logger log);
    ~Session() override;

    [[nodiscard]] net::Reply start() override;
    void attach(net::Waker waker) override;
    [[nodiscard]] net::Reply wake() override;
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
    [[nodiscard]] State state() const {
        return selected_ ? State::selected : who_ ? State::authenticated : State::not_authenticated;
    }
    [[nodiscard]] Enabled& enabled() { return enabled_; }
    [[nodiscard]] const Enabled& enabled() const { return enabled_; }
    // The mailbox that is selected; there must be one.
    [[nodiscard]] Selected& selected() { return *selected_; }
    // UID FETCH instead of FETCH: numbers are UIDs.
    [[nodiscard]] bool by_uid() const { return by_uid_; }
    [[nodiscard]] const std::string& tag() const { return tag_; }
    [[nodiscard]] const std::string& command() const { return command_; }  // as typed

    // What the client gets next, untagged responses with their "* " and CRLF.
    [[nodiscard]] std::string& output() { return reply_.output; }
    // A step should return Progress::more.
    [[nodiscard]] bool output_is_full() const { return reply_.output.size() >= enough_output; }

    void untagged(std::string_view text);                             // "* text"
    void ok(std::string_view text = {}, std::string_view code = {});  // ends the command; "done" without a text
    void refuse(const Refusal& refusal);                              // likewise
    void close();                                                     // after what was said
    void start_tls();
    void start_compression();
    [[nodiscard]] bool is_compressed() const { return compressed_; }
    void log_in(const login::Identity& who);
    // Counts a failed login and ends the command with `refusal`, after a while.
    void login_failed(Refusal refusal);
    // Runs `step` on the account's strand, and again as long as it says so. It may use the session, write output(), and
    // ends the command with ok(), in its last step or before, or by throwing Refusal, SyntaxError or Error; then
    // changes by others are told, and the tagged answer follows.
    using Step = std::function<Progress(store::Account&)>;
    void on_account(Step step);
    // The same for one step.
    void on_account_once(std::function<void(store::Account&)> work);
    // The account, with the junk flag rules in force; within a step.
    [[nodiscard]] store::Account& account_for_writing() { return account_->account_for_writing(); }
    // To be called after each commit: others are woken. `told`: the client knows already what it has changed in flags
    // of messages that it had been told of.
    enum class Own { tell, told };
    void committed(store::ModSeq modseq, Own own);
    // Tells all changes now, within a step; inside the step's transaction, if it has one.
    void tell_now(store::Account& account, Updates which);
    // Unselects when there is a mailbox. With a view, that one is selected.
    void select(std::unique_ptr<Selected> view);
    // The last change that the present command committed.
    [[nodiscard]] std::optional<store::ModSeq> own_change() const { return own_; }
    // The modseq up to which the client was told of mailboxes; -1: never.
    [[nodiscard]] std::int64_t& told_mailboxes() { return told_mailboxes_; }
    [[nodiscard]] const std::shared_ptr<Watcher>& watcher() const { return watcher_; }
    // Waits for a line in IDLE, and tells changes meanwhile.
    void idle(std::function<void(const std::string& line)> then);

    // Throws Refusal when that many more bytes are more than the account may have; within a step.
    void require_room_for(std::int64_t bytes);
    // Both on the account's strand.
    [[nodiscard]] store::Account& account() { return account_->account(); }
    [[nodiscard]] MailboxIndexes& indexes() { return account_->indexes(); }
    // What a client is told of an error of ours, which the log gets.
    [[nodiscard]] Refusal refusal_for(const Error& error) const;

    // Runs `job` on the account's strand of the workers, then `then` as if it were the command: it ends it, or asks for
    // more. `job` must not throw.
    void work(std::function<void()> job, std::function<void()> then);
    // The same beside all other work, for what needs no database.
    void work_aside(std::function<void()> job, std::function<void()> then);
    // An APPEND that has begun; it ends the command.
    void go_on_with(std::unique_ptr<Append> append);
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
    void run_step(const Step& step);
    void tell_and_finish(store::Account& account);
    void answer(std::string text);
    [[nodiscard]] bool tell_erasers();
    [[nodiscard]] bool begin_append(const std::string& text);

    const Environment& environment_;
    const Settings settings_;
    log::Logger log_;
    login::IpAddress address_;
    login::Channel channel_;
    std::optional<net::TlsState> tls_;
    std::optional<login::Identity> who_;
    std::shared_ptr<Watcher> watcher_ = std::make_shared<Watcher>();
    std::shared_ptr<OpenAccount> account_;  // from the login on
    std::unique_ptr<Selected> selected_;
    Enabled enabled_;
    CommandReader reader_;
    net::Reply reply_;                                 // as far as it goes
    std::string tag_, command_;                        // the present one, as typed
    std::function<void()> then_;                       // after work or a wait
    std::function<void(const std::string&)> on_line_;  // the client answers a continuation
    std::unique_ptr<Append> append_;                   // that is coming in
    bool by_uid_ = false;
    Updates updates_ = Updates::none;     // of the present command
    std::optional<std::string> tagged_;   // its answer, held back until changes are told
    bool in_step_ = false;                // answers are held back
    bool committed_ = false;              // within the present step
    std::optional<store::ModSeq> own_;    // a change of our own
    std::optional<store::ModSeq> known_;  // and that the client knows of
    std::int64_t told_mailboxes_ = -1;
    bool any_command_ = false, compressed_ = false;
    int errors_ = 0, failed_logins_ = 0;
};

}  // namespace mox::imap
