#include "server/imap/session.hpp"

#include <utility>

#include "server/imap/commands.hpp"
#include "server/imap/limits.hpp"

namespace mox::imap {

namespace {

// Output that a client has not read yet keeps further commands waiting.
constexpr std::size_t enough_output = 65'536;

}  // namespace

Refusal no(std::string text, std::string code) {
    return {.kind = Refusal::Kind::no, .code = std::move(code), .text = std::move(text)};
}

Refusal bad(std::string text, std::string code) {
    return {.kind = Refusal::Kind::bad, .code = std::move(code), .text = std::move(text)};
}

Session::Session(const Environment& environment, const Settings& settings, const net::Peer& peer, log::Logger log)
    : environment_(environment),
      settings_(settings),
      log_(log.as("imap")),
      address_(peer.ip.empty() ? login::IpAddress{} : login::IpAddress::parse(peer.ip)),
      channel_{.passwords_allowed = settings.plain_text_passwords} {
    reader_.set_max_literal_bytes(max_unauthenticated_literal_bytes);
}

net::Reply Session::start() {
    if (!environment_.attempts.allows(address_, login::Protocol::imap))
        return {.output = "* BYE too many failed logins from your network, try later\r\n", .next = net::Next::close};
    return {.output = "* OK [" + capabilities(*this) + "] mox imap\r\n"};
}

net::Reply Session::feed(std::string_view bytes) {
    reader_.append(bytes);
    return process();
}

net::Reply Session::resume() {
    if (const auto then = std::exchange(then_, nullptr)) guarded(then);
    return process();
}

void Session::tls_started(const net::TlsState& state) {
    tls_ = state;
    channel_ = {
        .passwords_allowed = true, .tls_server_end_point = state.server_end_point, .tls_exporter = state.exporter};
    reader_.clear();
}

std::string Session::farewell(net::Farewell why) {
    switch (why) {
        case net::Farewell::shutting_down:
            return "* BYE shutting down\r\n";
        case net::Farewell::idle:
            return "* BYE you were silent for too long\r\n";
        case net::Farewell::not_in_time:
            return "* BYE you took too long to log in\r\n";
        case net::Farewell::too_slow:
            break;
    }
    return {};
}

std::optional<std::chrono::seconds> Session::time_limit() const {
    return state_ == State::not_authenticated ? std::optional(login_time_limit) : std::nullopt;
}

std::chrono::seconds Session::patience() const {
    return state_ == State::authenticated ? authenticated_patience : unauthenticated_patience;
}

net::Reply Session::process() {
    while (reply_.next == net::Next::read && reply_.output.size() < enough_output && process_one()) {
    }
    // What is left is for later; without a reason to wait, it is not forgotten.
    if (reply_.next == net::Next::read && reply_.output.size() >= enough_output && !reader_.empty())
        reply_.next = net::Next::wait;
    return std::exchange(reply_, {});
}

bool Session::process_one() {
    auto item = on_line_ ? reader_.next_line() : reader_.next();
    if (const auto* const command = std::get_if<CommandReader::Command>(&item)) {
        if (on_line_)
            process_line(command->text);
        else
            run_command(command->text);
        return true;
    }
    if (std::holds_alternative<CommandReader::WantsLiteral>(item)) {
        reply_.output += "+ go ahead\r\n";
        return true;
    }
    if (const auto* const what = std::get_if<CommandReader::TooLarge>(&item)) {
        too_large(*what);
        return true;
    }
    return false;
}

void Session::process_line(const std::string& line) {
    const auto on_line = std::exchange(on_line_, nullptr);
    guarded([&] { on_line(line); });
}

// Errors of the grammar and refusals, told in the command's name.
void Session::guarded(const std::function<void()>& action) {
    try {
        action();
    } catch (const Refusal& refusal) {
        refuse(refusal);
    } catch (const SyntaxError& error) {
        refuse(bad(std::string("syntax error: ") + error.what()));
    }
}

void Session::run_command(const std::string& text) {
    Parser parser(text);
    tag_.clear();
    command_.clear();
    const CommandEntry* command = nullptr;
    guarded([&] {
        tag_ = parser.tag();
        parser.space();
        command_ = parser.atom();
        command = find_command(command_);
        if (command == nullptr) throw bad("unknown command");
        if (command->allowed == Allowed::not_authenticated && state_ != State::not_authenticated)
            throw bad("not in this state: you are logged in");
        any_command_ = true;
        command->run(*this, parser);
    });
}

void Session::too_large(const CommandReader::TooLarge& what) {
    Parser parser(what.start);
    tag_.clear();
    command_.clear();
    try {
        tag_ = parser.tag();
        parser.space();
        command_ = parser.atom();
    } catch (const SyntaxError&) {  // told without them
    }
    if (!what.can_continue) untagged("BYE [ALERT] " + std::string(what.what));
    refuse(bad(std::string(what.what), "TOOBIG"));
    if (!what.can_continue) close();
}

void Session::untagged(std::string_view text) {
    reply_.output.append("* ").append(text).append("\r\n");
}

void Session::ok(std::string_view text, std::string_view code) {
    reply_.output.append(tag_).append(" OK ");
    if (!code.empty()) reply_.output.append("[").append(code).append("] ");
    reply_.output.append(command_).append(" ").append(text.empty() ? "done" : text).append("\r\n");
}

void Session::refuse(const Refusal& refusal) {
    const bool is_bad = refusal.kind == Refusal::Kind::bad;
    log_.debug("command refused", {{"command", command_}, {"why", refusal.text}});
    if (is_bad && !any_command_ && find_command(command_) == nullptr) {
        untagged("BYE please try again speaking imap");
        return close();
    }
    reply_.output.append(tag_.empty() ? "*" : tag_).append(is_bad ? " BAD " : " NO ");
    if (!refusal.code.empty()) reply_.output.append("[").append(refusal.code).append("] ");
    if (!command_.empty()) reply_.output.append(command_).append(" ");
    // Names that clients sent may be in it.
    for (const char c : refusal.text) reply_.output += c >= ' ' && c < '\x7f' ? c : '?';
    reply_.output += "\r\n";
    if (is_bad) count_error();
}

void Session::count_error() {
    if (state_ != State::not_authenticated || ++errors_ < max_unauthenticated_errors) return;
    untagged("BYE too many errors");
    close();
}

void Session::close() {
    reply_.next = net::Next::close;
    reader_.clear();
}

void Session::start_tls() {
    reader_.clear();
    reply_.next = net::Next::start_tls;
}

void Session::log_in(const login::Identity& who) {
    who_ = who;
    state_ = State::authenticated;
    log_ = log_.with({"account", who.account});
    reader_.set_max_literal_bytes(max_literal_bytes);
    ok("done", capabilities(*this));
}

void Session::login_failed(Refusal refusal) {
    ++failed_logins_;
    reply_.next = net::Next::wait;
    reply_.delay = environment_.attempts.add_failure(address_);
    then_ = [this, refusal = std::move(refusal)] {
        refuse(refusal);
        if (failed_logins_ < max_failed_logins) return;
        untagged("BYE too many failed logins");
        close();
    };
}

void Session::work(std::function<void()> job, std::function<void()> then) {
    reply_.next = net::Next::work;
    reply_.job = {.strand = who_ ? who_->account : "", .run = [job = std::move(job)](net::Channel&) { job(); }};
    then_ = std::move(then);
}

void Session::ask(std::string_view text, std::function<void(const std::string& line)> then) {
    reply_.output.append("+ ").append(text).append("\r\n");
    on_line_ = std::move(then);
}

}  // namespace mox::imap
