#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "server/log/log.hpp"
#include "server/net/asio.hpp"
#include "server/net/loop_state.hpp"
#include "server/net/session.hpp"
#include "server/net/tls.hpp"
#include "server/net/workers.hpp"

namespace mox::net {

class Compression;
class JobChannel;

// A socket on one side, a session on the other. Everything happens on the loop's thread, except jobs. It keeps itself
// alive while it waits for something. No buffers are held while the peer is silent.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    struct Parts {
        Loop::State& loop;
        Workers& workers;
        log::Logger log;  // with the cid
        UniqueFd fd;      // non-blocking
        std::unique_ptr<Session> session;
        std::shared_ptr<const TlsContext> tls;  // for start_tls; null: none
        std::function<void()> on_end;           // called once, as the last thing
    };
    enum class Begin { plain, tls };

    explicit Connection(Parts parts);
    ~Connection();

    void begin(Begin how);
    // Session::wake(), as soon as nothing but input is waited for.
    void woken();
    // Farewell as soon as no job runs, then the end.
    void shut_down();
    // At once, without a word.
    void abort();

private:
    friend class JobChannel;
    using Clock = std::chrono::steady_clock;
    enum class State { handshake, talking, draining, ended };
    enum class Wait { none, readable, writable };
    // What one step led to: go on, or come back later.
    enum class Step { again, blocked };

    void advance();
    [[nodiscard]] Step step();
    [[nodiscard]] Step shake_hands();
    [[nodiscard]] Step send_output();
    [[nodiscard]] Step receive();
    [[nodiscard]] Step begin_tls();
    [[nodiscard]] Step drain();
    void take(Reply reply);
    void put(std::string bytes);  // into output_
    [[nodiscard]] bool is_all_sent() const;
    void begin_compression(std::string_view received);
    void run_job();
    void job_sent(std::string bytes);
    void job_ended(bool failed);
    void begin_close();
    void end();

    // The system calls, in plain or by TLS.
    struct Transfer {
        TlsStream::Result result;
        std::size_t count = 0;
    };
    [[nodiscard]] Transfer receive_bytes();
    [[nodiscard]] Transfer send_bytes(std::string_view bytes);
    // The same with compression; without bytes, `done` may have a count of 0.
    [[nodiscard]] Transfer inflate_bytes();
    [[nodiscard]] Transfer deflate_bytes(std::string_view bytes);

    [[nodiscard]] bool is_past_limit() const;  // Session::time_limit()
    [[nodiscard]] Clock::time_point reading_deadline() const;
    void take_leave(Farewell why);
    [[nodiscard]] Step wait_for(TlsStream::Result direction, Clock::time_point deadline);
    void set_deadline(Clock::time_point deadline);
    void on_time();

    Loop::State& loop_;
    Workers& workers_;
    const log::Logger log_;
    asio::posix::stream_descriptor descriptor_;
    asio::steady_timer timer_;
    std::unique_ptr<Session> session_;
    std::shared_ptr<const TlsContext> context_;
    std::optional<TlsStream> tls_;
    std::unique_ptr<Compression> compression_;  // null: none
    std::function<void()> on_end_;

    State state_ = State::talking;
    Wait wait_ = Wait::none;
    Next next_ = Next::read;
    Job job_;
    std::shared_ptr<JobChannel> channel_;  // while a job runs
    std::string compressed_;               // what came before compression began
    std::string output_;                   // what is not sent yet,
    std::size_t sent_ = 0;                 // from here on
    bool greeted_ = false;
    bool delayed_ = false;         // a Next::wait has begun,
    Clock::time_point resume_at_;  // until then
    bool shutting_down_ = false;   // as soon as the job is done
    bool advancing_ = false;
    bool woken_ = false;  // and the session does not know yet
    const Clock::time_point began_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point timer_at_ = Clock::time_point::max();  // when the timer ends, which may be too early
    Clock::time_point response_began_;                       // when output_ became non-empty
};

}  // namespace mox::net
