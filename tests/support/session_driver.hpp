#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/net/session.hpp"

namespace mox::test {

// What a session does with bytes, without a socket: jobs run at once, waits are over at once, and compression leaves
// the bytes as they are.
class SessionDriver final : public net::Channel {
public:
    explicit SessionDriver(net::Session& session) : session_(session) {
        session.attach([woken = woken_] { *woken = true; });
    }

    // What comes back, as far as the session goes on its own.
    std::string start() { return settle(session_.start()); }
    std::string feed(std::string_view bytes) { return next_ == net::Next::read ? settle(session_.feed(bytes)) : ""; }
    // The same in pieces of `size` bytes.
    std::string feed_in_pieces(std::string_view bytes, std::size_t size) {
        std::string out;
        for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size()))) out += feed(bytes.substr(0, size));
        return out;
    }
    // What the session says when it was woken since.
    std::string woken() {
        return next_ == net::Next::read && std::exchange(*woken_, false) ? settle(session_.wake()) : "";
    }
    // The handshake that the session asked for.
    void tls(const net::TlsState& state) {
        session_.tls_started(state);
        next_ = net::Next::read;
    }
    void send(std::string bytes) override { out_ += bytes; }

    // read, start_tls or close: what the session waits for.
    [[nodiscard]] net::Next next() const { return next_; }
    [[nodiscard]] std::chrono::milliseconds delayed() const { return delayed_; }
    [[nodiscard]] bool is_compressed() const { return is_compressed_; }

private:
    std::string settle(net::Reply reply) {
        for (;;) {
            out_ += reply.output;
            next_ = reply.next;
            if (next_ == net::Next::start_compression) {
                is_compressed_ = true;
                reply = session_.feed(reply.compressed);
                continue;
            }
            if (next_ != net::Next::work && next_ != net::Next::wait) break;
            if (next_ == net::Next::work) reply.job.run(*this);
            delayed_ += reply.delay;
            reply = session_.resume();
        }
        return std::exchange(out_, {});
    }

    net::Session& session_;
    std::shared_ptr<bool> woken_ = std::make_shared<bool>(false);
    net::Next next_ = net::Next::read;
    std::string out_;
    bool is_compressed_ = false;
    std::chrono::milliseconds delayed_{};
};

}  // namespace mox::test
