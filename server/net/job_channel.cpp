#include "server/net/job_channel.hpp"

#include <utility>

#include "base/error.hpp"

namespace mox::net {

namespace {

constexpr std::size_t most_unsent = 256U << 10U;

}  // namespace

void JobChannel::send(std::string bytes) {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return gone_ || unsent_ < most_unsent; });
        if (gone_) throw Error(Errc::failed, "the connection is gone");
        unsent_ += bytes.size();
    }
    asio::post(loop_.io, [connection = connection_, bytes = std::move(bytes)]() mutable {
        if (const auto self = connection.lock()) self->job_sent(std::move(bytes));
    });
}

void JobChannel::finish(std::shared_ptr<Connection> connection, bool failed) {
    asio::post(loop_.io, [connection = std::move(connection), failed] { connection->job_ended(failed); });
}

void JobChannel::sent(std::size_t count) {
    const std::lock_guard lock(mutex_);
    unsent_ -= std::min(count, unsent_);
    changed_.notify_all();
}

void JobChannel::gone() {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    changed_.notify_all();
}

bool JobChannel::is_gone() const {
    const std::lock_guard lock(mutex_);
    return gone_;
}

}  // namespace mox::net
