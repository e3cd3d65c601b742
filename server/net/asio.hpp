#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

// The parts of Asio that server/net uses. It waits for descriptors; reading and writing are system calls of our own.

namespace mox::net {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

}  // namespace mox::net
