#pragma once

#include <array>
#include <chrono>
#include <list>

#include "server/net/asio.hpp"
#include "server/net/loop.hpp"

namespace mox::net {

struct Loop::State {
    asio::io_context io{1};
    std::list<asio::signal_set> signals;
    std::list<asio::posix::stream_descriptor> descriptors;  // released, never closed, here
    // What one read of any connection gets; connections have no buffers of their own.
    std::array<char, 16'384> scratch{};

    // Time limits are about now(), and timers about the time it really is.
    using Clock = std::chrono::steady_clock;
    Clock::duration ahead{};
    [[nodiscard]] Clock::time_point now() const { return Clock::now() + ahead; }
    [[nodiscard]] Clock::time_point timer_time(Clock::time_point time) const { return time - ahead; }
};

}  // namespace mox::net
