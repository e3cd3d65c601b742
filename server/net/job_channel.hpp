#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "server/net/connection.hpp"

namespace mox::net {

// Between a job on a worker thread and its connection on the loop's.
class JobChannel final : public Channel {
public:
    JobChannel(Loop::State& loop, std::shared_ptr<Connection> connection)
        : loop_(loop),
          connection_(std::move(connection)) {}

    // On the worker's thread:
    void send(std::string bytes) override;
    void finish(std::shared_ptr<Connection> connection, bool failed);

    // On the loop's thread:
    void sent(std::size_t count);
    void gone();

    [[nodiscard]] bool is_gone() const;

private:
    Loop::State& loop_;
    std::weak_ptr<Connection> connection_;
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::size_t unsent_ = 0;
    bool gone_ = false;
};

}  // namespace mox::net
