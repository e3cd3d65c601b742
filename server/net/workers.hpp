#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mox::net {

// Threads for work that blocks. Tasks of one strand run in order and never two at a time; tasks of different strands,
// and those of the empty one, side by side.
class Workers {
public:
    explicit Workers(unsigned threads);
    ~Workers();  // as stop()
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // `task` must not throw. Dropped after stop().
    void submit(const std::string& strand, std::function<void()> task);
    // Waits for the tasks that run; those that wait are dropped.
    void stop();

private:
    struct Task {
        std::string strand;
        std::function<void()> run;
    };

    void work();
    void finish(const std::string& strand);  // with mutex_ held
    void look_out(std::unique_lock<std::mutex>& lock);

    std::atomic<bool> seen_ = false;  // there is something for the thread that looks out
    std::mutex mutex_;                // guards what follows
    std::condition_variable changed_;
    std::deque<Task> ready_;
    // Of each strand of which a task is ready or running: those that wait for it.
    std::map<std::string, std::deque<std::function<void()>>> waiting_;
    bool stopping_ = false;
    bool looking_out_ = false;  // a thread will take the next task without being woken
    std::vector<std::jthread> threads_;
};

}  // namespace mox::net
