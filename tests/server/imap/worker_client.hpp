#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/imap/session.hpp"
#include "server/net/workers.hpp"

namespace mox::test {

// A session whose jobs run on worker threads, as under a server, with a client that waits for their end: sessions of
// several threads are at work at once.
class WorkerClient final : public net::Channel {
public:
    WorkerClient(std::unique_ptr<imap::Session> session, net::Workers& workers)
        : session_(std::move(session)),
          workers_(workers) {
        session_->attach([woken = woken_] { *woken = true; });
    }
    std::string start() { return settle(session_->start()); }
    std::string feed(std::string_view bytes) { return settle(session_->feed(bytes)); }
    [[nodiscard]] bool is_woken() const { return *woken_; }
    std::string wake() {
        *woken_ = false;
        return settle(session_->wake());
    }
    [[nodiscard]] imap::Session& session() { return *session_; }
    [[nodiscard]] net::Next next() const { return next_; }
    void send(std::string bytes) override { out_ += bytes; }

private:
    std::string settle(net::Reply reply) {
        for (;;) {
            out_ += reply.output;
            next_ = reply.next;
            if (next_ != net::Next::work && next_ != net::Next::wait) return std::exchange(out_, {});
            if (next_ == net::Next::work) {
                workers_.submit(reply.job.strand, [this, &reply] {
                    reply.job.run(*this);
                    reply.job.run = nullptr;
                    const std::lock_guard lock(mutex_);
                    done_ = true;
                    changed_.notify_one();
                });
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return done_; });
                done_ = false;
            }
            reply = session_->resume();
        }
    }

    std::unique_ptr<imap::Session> session_;
    net::Workers& workers_;
    std::shared_ptr<std::atomic<bool>> woken_ = std::make_shared<std::atomic<bool>>(false);
    net::Next next_ = net::Next::read;
    std::string out_;
    std::mutex mutex_;  // guards done_
    std::condition_variable changed_;
    bool done_ = false;  // the job
};

}  // namespace mox::test
