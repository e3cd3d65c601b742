#include "server/net/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "server/net/compression.hpp"
#include "server/net/job_channel.hpp"
#include "server/net/sockets.hpp"

namespace mox::net {

namespace {

using namespace std::chrono_literals;

constexpr auto write_patience = 30s;      // without any progress
constexpr auto response_patience = 5min;  // for all of one response
constexpr auto drain_patience = 2s;
constexpr std::size_t most_drained = 1U << 20U;
constexpr int most_steps = 16;  // of one connection before others get their turn

}  // namespace

Connection::Connection(Parts parts)
    : loop_(parts.loop),
      workers_(parts.workers),
      log_(std::move(parts.log)),
      descriptor_(parts.loop.io, parts.fd.release()),
      timer_(parts.loop.io),
      session_(std::move(parts.session)),
      context_(std::move(parts.tls)),
      on_end_(std::move(parts.on_end)),
      began_(loop_.now()) {}

Connection::~Connection() = default;

void Connection::begin(Begin how) {
    session_->attach([&loop = loop_, connection = weak_from_this()] {
        asio::post(loop.io, [connection] {
            if (const auto self = connection.lock()) self->woken();
        });
    });
    if (how == Begin::tls) {
        if (begin_tls() == Step::again) advance();
        return;
    }
    greeted_ = true;
    take(session_->start());
    advance();
}

// Nothing that goes wrong with one connection may reach another.
void Connection::advance() try {
    if (advancing_) return;
    advancing_ = true;
    int steps = 0;
    Step last = Step::again;
    while (last == Step::again && state_ != State::ended && ++steps <= most_steps) last = step();
    advancing_ = false;
    if (last == Step::again && state_ != State::ended)
        asio::post(loop_.io, [self = shared_from_this()] { self->advance(); });
} catch (const std::exception& failure) {
    advancing_ = false;
    log_.error("connection failed", {{"err", failure.what()}});
    end();
}

Connection::Step Connection::step() {
    if (state_ == State::handshake) return shake_hands();
    if (state_ == State::draining) return drain();
    if (!is_all_sent()) return send_output();
    switch (next_) {
        case Next::read:
            if (!std::exchange(woken_, false)) return receive();
            take(session_->wake());
            return Step::again;
        case Next::work:
            if (!channel_) run_job();
            return Step::blocked;
        case Next::wait:
            return Step::blocked;  // on_time() goes on
        case Next::start_tls:
            return begin_tls();
        case Next::start_compression:
            begin_compression(std::exchange(compressed_, {}));
            return Step::again;
        case Next::close:
            begin_close();
            return Step::again;
    }
    return Step::blocked;
}

void Connection::take(Reply reply) {
    put(std::move(reply.output));
    next_ = shutting_down_ && reply.next == Next::read ? Next::close : reply.next;
    if (shutting_down_ && reply.next == Next::read) output_ += session_->farewell(Farewell::shutting_down);
    job_ = std::move(reply.job);
    compressed_ = std::move(reply.compressed);
    delayed_ = next_ == Next::wait;
    if (!delayed_) return;
    resume_at_ = loop_.now() + reply.delay;
    if (is_all_sent()) set_deadline(resume_at_);  // otherwise when all is sent
}

void Connection::put(std::string bytes) {
    if (is_all_sent()) response_began_ = loop_.now();
    if (sent_ < output_.size()) {
        output_ += bytes;
        return;
    }
    output_ = std::move(bytes);
    sent_ = 0;
}

bool Connection::is_all_sent() const {
    return sent_ == output_.size() && (!compression_ || compression_->waiting().empty());
}

Connection::Step Connection::send_output() {
    const auto rest = std::string_view(output_).substr(sent_);
    const auto [result, count] = compression_ ? deflate_bytes(rest) : send_bytes(rest);
    sent_ += count;
    if (channel_) channel_->sent(count);
    if (result == TlsStream::Result::closed || result == TlsStream::Result::failed) {
        end();
        return Step::blocked;
    }
    if (result != TlsStream::Result::done)
        return wait_for(result, std::min(loop_.now() + write_patience, response_began_ + response_patience));
    if (is_all_sent()) {
        std::string().swap(output_);  // gives the memory back, as assigning would not
        sent_ = 0;
        set_deadline(delayed_ ? resume_at_ : Clock::time_point::max());
    }
    return Step::again;
}

Connection::Step Connection::receive() {
    if (is_past_limit()) {
        take_leave(Farewell::not_in_time);
        return Step::again;
    }
    const auto [result, count] = compression_ ? inflate_bytes() : receive_bytes();
    if (result == TlsStream::Result::done) {
        if (count > 0) take(session_->feed({loop_.scratch.data(), count}));
        return Step::again;
    }
    if (result == TlsStream::Result::closed) {
        log_.trace("the peer closed the connection");
        begin_close();
        return Step::again;
    }
    if (result == TlsStream::Result::failed) {
        if (compression_ && !compression_->failure().empty())
            log_.info("compressed data are damaged", {{"err", compression_->failure()}});
        else
            log_.debug("the connection broke", {{"err", tls_ ? tls_->failure() : "reset by the peer"}});
        end();
        return Step::blocked;
    }
    return wait_for(result, reading_deadline());
}

void Connection::run_job() {
    channel_ = std::make_shared<JobChannel>(loop_, shared_from_this());
    set_deadline(Clock::time_point::max());
    workers_.submit(job_.strand, [self = shared_from_this(), channel = channel_, run = std::move(job_.run)]() mutable {
        bool failed = false;
        try {
            run(*channel);
        } catch (const std::exception& failure) {
            if (!channel->is_gone()) self->log_.error("a command failed", {{"err", failure.what()}});
            failed = true;
        }
        run = nullptr;
        channel->finish(std::move(self), failed);
    });
}

void Connection::job_sent(std::string bytes) {
    if (state_ == State::ended) return;
    put(std::move(bytes));
    if (wait_ == Wait::none) advance();
}

void Connection::job_ended(bool failed) try {
    channel_.reset();
    if (state_ == State::ended) {
        if (auto notify = std::exchange(on_end_, nullptr)) notify();
        return;
    }
    if (failed) return end();
    take(session_->resume());
    if (wait_ == Wait::none) advance();
} catch (const std::exception& failure) {
    log_.error("connection failed", {{"err", failure.what()}});
    end();
}

void Connection::woken() {
    woken_ = true;
    if (state_ != State::talking || next_ != Next::read || wait_ != Wait::readable || !is_all_sent()) return;
    ErrorCode ignored;
    (void)descriptor_.cancel(ignored);
    wait_ = Wait::none;
    advance();
}

void Connection::shut_down() {
    if (state_ == State::handshake) return end();
    if (state_ != State::talking || shutting_down_) return;
    shutting_down_ = true;
    if (channel_ || (next_ != Next::read && next_ != Next::wait)) return;  // take() says farewell
    descriptor_.cancel();
    wait_ = Wait::none;
    delayed_ = false;
    output_ += session_->farewell(Farewell::shutting_down);
    next_ = Next::close;
    advance();
}

void Connection::abort() {
    if (state_ != State::ended) end();
}

// The peer gets what was sent before it learns of the end: closing with unread input would drop it.
void Connection::begin_close() {
    if (tls_) tls_->close_notify();
    finish_sending(descriptor_.native_handle());
    state_ = State::draining;
    sent_ = output_.size();
    set_deadline(loop_.now() + drain_patience);
}

Connection::Step Connection::drain() {
    for (std::size_t drained = 0; drained < most_drained;) {
        const ssize_t count = ::recv(descriptor_.native_handle(), loop_.scratch.data(), loop_.scratch.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return wait_for(TlsStream::Result::want_read, deadline_);
        if (count <= 0) break;
        drained += static_cast<std::size_t>(count);
    }
    end();
    return Step::blocked;
}

void Connection::end() {
    if (state_ == State::ended) return;
    state_ = State::ended;
    timer_.cancel();
    ErrorCode ignored;
    (void)descriptor_.close(ignored);
    tls_.reset();
    compression_.reset();
    std::string().swap(output_);
    sent_ = 0;
    if (channel_) return channel_->gone();  // the job may be using the session; job_ended() follows
    session_.reset();
    if (auto notify = std::exchange(on_end_, nullptr)) notify();
}

Connection::Transfer Connection::receive_bytes() {
    if (tls_) {
        const auto [result, count] = tls_->read(loop_.scratch.data(), loop_.scratch.size());
        return {result, count};
    }
    for (;;) {
        const ssize_t count = ::recv(descriptor_.native_handle(), loop_.scratch.data(), loop_.scratch.size(), 0);
        if (count > 0) return {TlsStream::Result::done, static_cast<std::size_t>(count)};
        if (count == 0) return {TlsStream::Result::closed};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {TlsStream::Result::want_read};
        if (errno != EINTR) return {TlsStream::Result::failed};
    }
}

Connection::Transfer Connection::send_bytes(std::string_view bytes) {
    if (tls_) {
        const auto [result, count] = tls_->write(bytes);
        return {result, count};
    }
    for (;;) {
        const ssize_t count = ::send(descriptor_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) return {TlsStream::Result::done, static_cast<std::size_t>(count)};
        if (errno == EAGAIN || errno == EWOULDBLOCK) return {TlsStream::Result::want_write};
        if (errno != EINTR) return {TlsStream::Result::failed};
    }
}

}  // namespace mox::net
