#include <algorithm>

#include "base/error.hpp"
#include "server/net/connection.hpp"

// Of Connection: handshakes, waiting, time.

namespace mox::net {

namespace {

using namespace std::chrono_literals;

constexpr auto handshake_patience = 30s;  // for all of it

}  // namespace

Connection::Step Connection::begin_tls() {
    if (!context_ || tls_ || compression_) throw Error(Errc::failed, "TLS was asked for where there is none");
    tls_.emplace(context_, descriptor_.native_handle());
    // A client speaks first after STARTTLS. Some use one thread to read and one to write; in these, OpenSSL loses what
    // follows a ticket that arrives while they write.
    if (greeted_) tls_->give_no_tickets();
    state_ = State::handshake;
    set_deadline(loop_.now() + handshake_patience);
    return Step::again;
}

Connection::Step Connection::shake_hands() {
    const auto result = tls_->handshake();
    if (result == TlsStream::Result::want_read || result == TlsStream::Result::want_write)
        return wait_for(result, deadline_);
    if (result != TlsStream::Result::done) {
        log_.debug("TLS handshake failed", {{"err", tls_->failure().empty() ? "closed" : tls_->failure()}});
        end();
        return Step::blocked;
    }
    context_.reset();  // the stream holds what it needs
    state_ = State::talking;
    const TlsState state = tls_->state();
    log_.debug("TLS", {{"version", state.version}, {"cipher", state.cipher}, {"sni", state.server_name}});
    session_->tls_started(state);
    next_ = Next::read;
    if (!greeted_) {
        greeted_ = true;
        take(session_->start());
    }
    return Step::again;
}

bool Connection::is_past_limit() const {
    const auto limit = session_->time_limit();
    return limit && loop_.now() >= began_ + *limit;
}

void Connection::take_leave(Farewell why) {
    log_.debug(why == Farewell::idle ? "the peer is silent" : "the peer took too long");
    output_ = session_->farewell(why);
    next_ = Next::close;
}

Connection::Clock::time_point Connection::reading_deadline() const {
    const auto of_silence = loop_.now() + session_->patience();
    const auto limit = session_->time_limit();
    return limit ? std::min(of_silence, began_ + *limit) : of_silence;
}

Connection::Step Connection::wait_for(TlsStream::Result direction, Clock::time_point deadline) {
    const bool for_reading = direction == TlsStream::Result::want_read;
    set_deadline(deadline);
    if (wait_ != Wait::none) return Step::blocked;
    wait_ = for_reading ? Wait::readable : Wait::writable;
    descriptor_.async_wait(
        for_reading ? asio::posix::stream_descriptor::wait_read : asio::posix::stream_descriptor::wait_write,
        [self = shared_from_this()](const ErrorCode& failed) {
            if (failed) return;  // cancelled: whoever did that goes on
            self->wait_ = Wait::none;
            self->advance();
        });
    return Step::blocked;
}

// The timer is set anew only when it would come too late: a deadline moves with every command, and is nearly never
// reached.
void Connection::set_deadline(Clock::time_point deadline) {
    deadline_ = deadline;
    if (deadline_ == Clock::time_point::max() || loop_.timer_time(deadline_) >= timer_at_) return;
    timer_at_ = loop_.timer_time(deadline_);
    timer_.expires_at(timer_at_);
    timer_.async_wait([self = shared_from_this()](const ErrorCode& failed) {
        if (failed) return;
        self->timer_at_ = Clock::time_point::max();
        self->on_time();
    });
}

void Connection::on_time() try {
    if (state_ == State::ended) return;
    if (loop_.now() < deadline_) return set_deadline(deadline_);
    deadline_ = Clock::time_point::max();
    if (state_ != State::talking) return end();
    if (!is_all_sent()) {
        log_.debug("the peer does not read");
        return end();
    }
    if (delayed_) {
        delayed_ = false;
        take(session_->resume());
        return advance();
    }
    ErrorCode ignored;
    (void)descriptor_.cancel(ignored);
    wait_ = Wait::none;
    take_leave(is_past_limit() ? Farewell::not_in_time : Farewell::idle);
    advance();
} catch (const std::exception& failure) {
    log_.error("connection failed", {{"err", failure.what()}});
    end();
}

}  // namespace mox::net
