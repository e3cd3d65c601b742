#include "server/imap/session.hpp"

#include <utility>

#include "server/imap/append.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/context_updates.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/updates.hpp"

namespace mox::imap {

namespace {

std::string_view wrong_state(Allowed allowed) {
    switch (allowed) {
        case Allowed::not_authenticated:
            return "not in this state: you are logged in";
        case Allowed::authenticated:
            return "not in this state: log in first";
        case Allowed::selected:
            return "not in this state: select a mailbox first";
        case Allowed::always:
            break;
    }
    return {};
}

bool is_allowed(Allowed allowed, State state) {
    switch (allowed) {
        case Allowed::always:
            return true;
        case Allowed::not_authenticated:
            return state == State::not_authenticated;
        case Allowed::authenticated:
            return state != State::not_authenticated;
        case Allowed::selected:
            return state == State::selected;
    }
    return false;
}

}  // namespace

Session::Session(const Environment& environment, const Settings& settings, const net::Peer& peer, log::Logger log)
    : environment_(environment),
      settings_(settings),
      log_(log.as("imap")),
      address_(peer.ip.empty() ? login::IpAddress{} : login::IpAddress::parse(peer.ip)),
      channel_{.passwords_allowed = settings.plain_text_passwords} {
    reader_.set_max_literal_bytes(max_unauthenticated_literal_bytes);
}

Session::~Session() {
    if (account_) environment_.accounts.leave(account_, watcher_.get());
}

void Session::attach(net::Waker waker) {
    watcher_->wake = std::move(waker);
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

net::Reply Session::wake() {
    if (!watcher_->idling || reply_.next != net::Next::read) return {};
    on_account([](store::Account&) { return Progress::done; });
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
    return who_ ? std::nullopt : std::optional(login_time_limit);
}

std::chrono::seconds Session::patience() const {
    if (append_) return append_patience;
    return who_ ? authenticated_patience : unauthenticated_patience;
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
    if (append_ && append_->done()) append_.reset();
    if (append_) return append_->advance(reader_);
    auto item = on_line_ ? reader_.next_line() : reader_.next();
    if (const auto* const announced = std::get_if<CommandReader::Announced>(&item)) {
        if (begin_append(announced->text)) return true;
        item = reader_.accept();
    }
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
    } catch (const Error& error) {
        refuse(refusal_for(error));
    }
}

Refusal Session::refusal_for(const Error& error) const {
    log_.error("a command failed", {{"command", command_}, {"err", error.what()}});
    switch (error.code()) {
        case Errc::locked:
            return no("the account is busy, try again", "INUSE");
        case Errc::no_space:
            return no("there is no space left", "OVERQUOTA");
        case Errc::corrupt:
            return no("data are damaged", "CORRUPTION");
        case Errc::interrupted:
            return no("the server is being stopped", "UNAVAILABLE");
        default:
            return no("an error of the server", "SERVERBUG");
    }
}

void Session::run_command(const std::string& text) {
    Parser parser(text);
    tag_.clear();
    command_.clear();
    by_uid_ = false;
    updates_ = Updates::none;
    if (selected_) selected_->silent_from = 0xffffffff;  // what the last command may have left
    guarded([&] {
        tag_ = parser.tag();
        parser.space();
        command_ = parser.atom();
        const CommandEntry* command = find_command(command_);
        by_uid_ = command != nullptr && command->run == nullptr;
        if (by_uid_) {
            parser.space();
            const std::string name = parser.atom();
            command_ += " " + name;
            command = find_command(name);
            if (command != nullptr && !command->by_uid) command = nullptr;
        }
        if (command == nullptr) throw bad("unknown command");
        if (!is_allowed(command->allowed, state())) throw bad(std::string(wrong_state(command->allowed)));
        any_command_ = true;
        updates_ = by_uid_ ? Updates::all : command->updates;
        command->run(*this, parser);
    });
}

// False when it is read as all commands are.
bool Session::begin_append(const std::string& text) {
    Parser parser(text);
    try {
        tag_ = parser.tag();
        parser.space();
        command_ = parser.atom();
    } catch (const SyntaxError&) {
        return false;
    }
    auto append = std::make_unique<Append>(*this);
    if (!append->begin(text)) return false;
    by_uid_ = false;
    updates_ = Updates::all;
    append_ = std::move(append);
    reader_.detach();
    return true;
}

void Session::go_on_with(std::unique_ptr<Append> append) {
    append_ = std::move(append);
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

void Session::answer(std::string text) {
    if (in_step_)
        tagged_ = std::move(text);
    else
        reply_.output += text;
}

void Session::ok(std::string_view text, std::string_view code) {
    std::string line = tag_ + " OK ";
    if (!code.empty()) line.append("[").append(code).append("] ");
    answer(line.append(command_).append(" ").append(text.empty() ? "done" : text).append("\r\n"));
}

void Session::refuse(const Refusal& refusal) {
    const bool is_bad = refusal.kind == Refusal::Kind::bad;
    log_.debug("command refused", {{"command", command_}, {"why", refusal.text}});
    if (is_bad && !any_command_ && find_command(command_) == nullptr) {
        untagged("BYE please try again speaking imap");
        return close();
    }
    std::string line = (tag_.empty() ? "*" : tag_) + (is_bad ? " BAD " : " NO ");
    if (!refusal.code.empty()) line.append("[").append(refusal.code).append("] ");
    if (!command_.empty()) line.append(command_).append(" ");
    // Names that clients sent may be in it.
    for (const char c : refusal.text) line += c >= ' ' && c < '\x7f' ? c : '?';
    answer(line + "\r\n");
    if (is_bad) count_error();
}

void Session::count_error() {
    if (++errors_ < (who_ ? max_errors : max_unauthenticated_errors)) return;
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

// What came behind the command is compressed.
void Session::start_compression() {
    compressed_ = true;
    reply_.next = net::Next::start_compression;
    reply_.compressed = reader_.take_bytes(SIZE_MAX);
}

void Session::log_in(const login::Identity& who) {
    who_ = who;
    errors_ = 0;
    account_ = environment_.accounts.join(who.account, watcher_);
    log_ = log_.with({"account", who.account});
    reader_.set_max_literal_bytes(max_literal_bytes);
    reader_.announce_messages();
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

void Session::work_aside(std::function<void()> job, std::function<void()> then) {
    work(std::move(job), std::move(then));
    reply_.job.strand.clear();
}

void Session::on_account(Step step) {
    reply_.next = net::Next::work;
    reply_.job = {.strand = account_->name(), .run = [this, step = std::move(step)](net::Channel&) { run_step(step); }};
}

void Session::on_account_once(std::function<void(store::Account&)> work) {
    on_account([work = std::move(work)](store::Account& account) {
        work(account);
        return Progress::done;
    });
}

// On the account's strand.
void Session::run_step(const Step& step) {
    in_step_ = true;
    Progress progress = Progress::done, told = Progress::done;
    guarded([&] {
        progress = step(account_->account());
        if (progress == Progress::done) told = tell_updates(*this, account_->account(), updates_, known_);
        if (progress == Progress::done && told == Progress::done && updates_ != Updates::none)
            told = tell_changed_results(*this, account_->account());
        const bool told_more = tell_erasers();
        if (std::exchange(committed_, false) || told_more)
            environment_.accounts.tidy_later(account_, account_->chores());
    });
    in_step_ = false;
    if (progress == Progress::more) {
        then_ = [this, step] { on_account(step); };
        return;
    }
    if (told == Progress::more) {
        then_ = [this] { on_account([](store::Account&) { return Progress::done; }); };
        return;
    }
    own_.reset();
    known_.reset();
    if (watcher_->idling) tagged_.reset();  // IDLE ends with DONE, whatever goes wrong meanwhile
    if (tagged_) reply_.output += *std::exchange(tagged_, std::nullopt);
}

void Session::require_room_for(std::int64_t bytes) {
    if (!account_->has_room_for(bytes)) throw no("the account is full", "OVERQUOTA");
}

void Session::tell_now(store::Account& account, Updates which) {
    while (tell_updates(*this, account, which, std::nullopt) == Progress::more) {
    }
}

void Session::committed(store::ModSeq modseq, Own own) {
    own_ = modseq;
    if (own == Own::told) known_ = modseq;
    committed_ = true;
    account_->wake_others(watcher_.get());
}

// An eraser takes what all clients were told of. True when that is more than before.
bool Session::tell_erasers() {
    const std::int64_t told = selected_ ? selected_->told_expunges.complete() : INT64_MAX;
    return told > watcher_->told_expunges.exchange(told);
}

void Session::select(std::unique_ptr<Selected> view) {
    selected_ = std::move(view);
    (void)tell_erasers();
}

void Session::idle(std::function<void(const std::string& line)> then) {
    updates_ = Updates::all;
    watcher_->idling = true;
    on_line_ = [this, then = std::move(then)](const std::string& line) {
        watcher_->idling = false;
        then(line);
    };
    // Whatever happened before others knew that we idle.
    on_account([](store::Account&) { return Progress::done; });
}

void Session::ask(std::string_view text, std::function<void(const std::string& line)> then) {
    reply_.output.append("+ ").append(text).append("\r\n");
    on_line_ = std::move(then);
}

}  // namespace mox::imap
