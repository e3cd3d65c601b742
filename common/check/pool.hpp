#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

namespace mox::check {

// Threads that share work given out in batches, also from inside of work: an account's tasks are a batch that one task
// of the batch of accounts starts.
class Pool {
public:
    using Task = std::function<void()>;

    // `jobs` threads at most work at a time, the one that calls run() included.
    explicit Pool(unsigned jobs);
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // Returns when all tasks are done, and meanwhile helps with what they start. The first exception keeps tasks that
    // have not begun from beginning and is rethrown here.
    void run(const std::vector<Task>& tasks);

private:
    struct Batch {
        const std::vector<Task>& tasks;
        unsigned depth;  // of run() in run()
        std::size_t next = 0, running = 0;
        std::exception_ptr failure;
    };
    void help();
    bool run_one(std::unique_lock<std::mutex>& lock, Batch& batch);
    void help_deeper(std::unique_lock<std::mutex>& lock, Batch& batch);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Batch*> batches_;  // with tasks not begun; guarded by mutex_
    bool stopping_ = false;      // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace mox::check
