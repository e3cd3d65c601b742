#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace mox::net {

// The one thread that moves bytes, and what it waits for. Handlers run on the thread inside run(), one at a time, and
// must not block. SIGPIPE and SIGXFSZ are ignored from the first loop on: calls fail instead.
class Loop {
public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Until stop(). An exception that leaves a handler leaves run().
    void run();

    // From any thread:
    void stop();
    void post(std::function<void()> handler);

    // From the loop's thread, or before run():
    void after(std::chrono::milliseconds delay, std::function<void()> handler);
    void on_signal(int number, std::function<void()> handler);
    // Each time there is something to read, until the loop's end. `fd` must live as long.
    void on_readable(int fd, std::function<void()> handler);

    // From then on it is later by so much for time limits of connections, for tests.
    void pass_time(std::chrono::seconds time);

    struct State;
    [[nodiscard]] State& state() { return *state_; }

private:
    std::unique_ptr<State> state_;
};

}  // namespace mox::net
