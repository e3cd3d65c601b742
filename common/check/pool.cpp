#include "check/pool.hpp"

namespace mox::check {

Pool::Pool(unsigned jobs) {
    for (unsigned i = 1; i < jobs; ++i) threads_.emplace_back([this] { help(); });
}

Pool::~Pool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_ready_.notify_all();
    for (auto& thread : threads_) thread.join();
}

void Pool::run(const std::vector<Task>& tasks) {
    Batch batch{.tasks = tasks};
    std::unique_lock lock(mutex_);
    // Newest first: what a task waits for goes before what nobody waits for yet.
    batches_.push_front(&batch);
    work_ready_.notify_all();
    while (run_one(lock, batch)) {
    }
    batch_done_.wait(lock, [&] { return batch.running == 0; });
    batches_.remove(&batch);
    if (batch.failure) std::rethrow_exception(batch.failure);
}

// False when the batch has nothing left to begin.
bool Pool::run_one(std::unique_lock<std::mutex>& lock, Batch& batch) {
    if (batch.failure || batch.next == batch.tasks.size()) return false;
    const std::size_t index = batch.next++;
    if (batch.next == batch.tasks.size()) batches_.remove(&batch);
    ++batch.running;
    lock.unlock();
    std::exception_ptr failure;
    try {
        batch.tasks[index]();
    } catch (...) {  // carried to the caller of run()
        failure = std::current_exception();
    }
    lock.lock();
    if (failure && !batch.failure) {
        batch.failure = failure;
        batches_.remove(&batch);
    }
    if (--batch.running == 0) batch_done_.notify_all();
    return true;
}

void Pool::help() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_ready_.wait(lock, [&] { return stopping_ || !batches_.empty(); });
        if (stopping_) return;
        run_one(lock, *batches_.front());
    }
}

}  // namespace mox::check
