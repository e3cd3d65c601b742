#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "keys/certificate.hpp"
#include "keys/private_key.hpp"
#include "server/net/address.hpp"
#include "server/net/bind.hpp"
#include "server/net/client.hpp"
#include "server/net/server.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

// Bytes that cannot be compressed.
inline std::string noise(std::size_t kib) {
    std::string out(kib << 10U, '\0');
    SeededRandom(1).fill(std::as_writable_bytes(std::span(out)));
    return out;
}

// A protocol of lines: "echo X"; "login"; "starttls"; "compress"; "quit"; "job N": N KiB from a worker; "big N" and
// "noise N": N KiB at once.
class LineSession final : public net::Session {
public:
    LineSession(std::chrono::seconds patience, std::optional<std::chrono::seconds> time_limit)
        : patience_(patience),
          time_limit_(time_limit) {}
    net::Reply start() override { return {.output = "hello\n"}; }
    net::Reply feed(std::string_view bytes) override {
        input_ += bytes;
        return next();
    }
    net::Reply resume() override { return next(); }
    void tls_started(const net::TlsState& state) override {
        input_.clear();
        tls_ = state;
    }
    void attach(net::Waker waker) override { waker_ = std::move(waker); }
    net::Reply wake() override { return {.output = "woken\n"}; }
    std::string farewell(net::Farewell why) override {
        switch (why) {
            case net::Farewell::idle:
                return "bye: idle\n";
            case net::Farewell::not_in_time:
                return "bye: too late\n";
            default:
                return "bye: stopping\n";
        }
    }
    std::chrono::seconds patience() const override { return patience_; }
    std::optional<std::chrono::seconds> time_limit() const override { return time_limit_; }

private:
    net::Reply next() {
        net::Reply reply;
        for (auto end = input_.find('\n'); end != std::string::npos && reply.next == net::Next::read;
             end = input_.find('\n')) {
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            if (line.starts_with("echo ")) reply.output += line.substr(5) + "\n";
            if (line == "tls?") reply.output += tls_.version + " " + tls_.server_name + "\n";
            if (line == "binding?")
                reply.output +=
                    std::to_string(tls_.server_end_point.size()) + " " + std::to_string(tls_.exporter.size()) + "\n";
            if (line == "login") {
                reply.output += "in\n";
                time_limit_.reset();
            }
            if (line == "wake me") waking_ = std::jthread(waker_);
            if (line == "compress") {
                reply.output += "deflate\n";
                reply.next = net::Next::start_compression;
                reply.compressed = std::exchange(input_, {});
            }
            if (line == "quit") reply.next = net::Next::close;
            if (line == "starttls") {
                reply.output += "go\n";
                reply.next = net::Next::start_tls;
                input_.clear();
            }
            if (line.starts_with("big ")) reply.output += std::string(std::stoul(line.substr(4)) << 10U, 'x') + "\n";
            if (line.starts_with("noise ")) reply.output += noise(std::stoul(line.substr(6)));
            if (line.starts_with("job ")) {
                reply.next = net::Next::work;
                reply.job.strand = "one";
                reply.job.run = [count = std::stoul(line.substr(4))](net::Channel& channel) {
                    for (std::size_t i = 0; i < count; ++i) channel.send(std::string(1024, 'j'));
                    channel.send("\n");
                };
            }
        }
        return reply;
    }
    const std::chrono::seconds patience_;
    std::optional<std::chrono::seconds> time_limit_;
    std::string input_;
    net::TlsState tls_;
    net::Waker waker_;
    std::jthread waking_;
};

struct Pem {
    std::filesystem::path certificate, key;
};
inline Pem write_certificate(const TempDir& folder, const std::string& name, keys::KeyKind kind = keys::KeyKind::ecdsa,
                             std::int64_t from = -1000, std::int64_t until = 1'000'000) {
    const auto key = keys::PrivateKey::generate(kind);
    const std::int64_t now = SystemClock().now().seconds;
    return {folder.write(name + ".crt", keys::self_signed(key, {name}, now + from, now + until)),
            folder.write(name + ".key", key.to_pem())};
}

// A server of LineSession on a port of its own, on a thread of its own.
class RunningServer {
public:
    struct Options {
        net::Service::Transport transport = net::Service::Transport::plain;
        std::shared_ptr<net::TlsSlot> tls = {};
        net::ConnectionLimits::Numbers numbers = {.simultaneous = {100, 100, 100},
                                                  .per_minute = {10'000, 10'000, 10'000}};
        std::chrono::seconds patience{60};
        std::optional<std::chrono::seconds> time_limit = {};  // up to "login"
        std::size_t most_connections = 0;
    };

    explicit RunningServer(Options options) : server_(loop_, workers_, log::Logger(shared_, "net")) {
        UniqueFd socket = net::listen_tcp({"127.0.0.1", 0});
        port_ = net::local_endpoint(socket.get())->port;
        server_.add({.name = "line",
                     .socket = std::move(socket),
                     .transport = options.transport,
                     .tls = options.tls,
                     .limits = std::make_shared<net::ConnectionLimits>(clock_, options.numbers),
                     .most_connections = options.most_connections,
                     .make_session =
                         [options](const net::Peer&, const log::Logger&) {
                             return std::make_unique<LineSession>(options.patience, options.time_limit);
                         },
                     .refusal = [](auto) { return "refused\n"; }});
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~RunningServer() {
        loop_.stop();
        thread_.join();
        workers_.stop();
    }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::string log() const { return sink_.text(); }
    net::Loop& loop() { return loop_; }
    // From the loop's thread.
    std::size_t connections() {
        std::promise<std::size_t> count;
        loop_.post([&] { count.set_value(server_.connections()); });
        return count.get_future().get();
    }
    // Until the server has none; the reason for its absence is somebody else's thread.
    void wait_until_connections(std::size_t wanted) {
        while (connections() != wanted) std::this_thread::yield();
    }
    // As Loop::pass_time(), done at return.
    void pass_time(std::chrono::seconds time) {
        std::promise<void> done;
        loop_.post([&] {
            loop_.pass_time(time);
            done.set_value();
        });
        done.get_future().get();
    }
    void shut_down(std::chrono::milliseconds grace) {
        std::promise<void> done;
        loop_.post([&] { server_.shut_down(grace, [&] { done.set_value(); }); });
        done.get_future().get();
    }

private:
    log::StringSink sink_;
    log::Levels levels_;
    SystemClock clock_;
    log::Log shared_{sink_, levels_, clock_};
    net::Loop loop_;
    net::Workers workers_{2};
    net::Server server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

}  // namespace mox::test
