#include "server/net/loop.hpp"

#include <csignal>
#include <utility>

#include "server/net/loop_state.hpp"

namespace mox::net {

namespace {

void wait_for(asio::signal_set& signals, std::function<void()> handler) {
    signals.async_wait([&signals, handler = std::move(handler)](const ErrorCode& failed, int) {
        if (failed) return;
        wait_for(signals, handler);
        handler();
    });
}

void wait_for(asio::posix::stream_descriptor& descriptor, std::function<void()> handler) {
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [&descriptor, handler = std::move(handler)](const ErrorCode& failed) {
                              if (failed) return;
                              handler();
                              wait_for(descriptor, handler);
                          });
}

}  // namespace

Loop::Loop() : state_(std::make_unique<State>()) {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

Loop::~Loop() {
    for (auto& descriptor : state_->descriptors) (void)descriptor.release();
}

void Loop::run() {
    const auto keep = asio::make_work_guard(state_->io);
    state_->io.run();
}

void Loop::stop() {
    state_->io.stop();
}

void Loop::post(std::function<void()> handler) {
    asio::post(state_->io, std::move(handler));
}

void Loop::after(std::chrono::milliseconds delay, std::function<void()> handler) {
    const auto timer = std::make_shared<asio::steady_timer>(state_->io, delay);
    timer->async_wait([timer, handler = std::move(handler)](const ErrorCode& failed) {
        if (!failed) handler();
    });
}

void Loop::pass_time(std::chrono::seconds time) {
    state_->ahead += time;
}

void Loop::on_signal(int number, std::function<void()> handler) {
    wait_for(state_->signals.emplace_back(state_->io, number), std::move(handler));
}

void Loop::on_readable(int fd, std::function<void()> handler) {
    wait_for(state_->descriptors.emplace_back(state_->io, fd), std::move(handler));
}

}  // namespace mox::net
