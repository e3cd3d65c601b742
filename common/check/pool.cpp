#include "check/pool.hpp"

#include <algorithm>
#include <utility>

namespace mox::check {

namespace {

// Of the task that this thread works on; 0: none.
thread_local unsigned current_depth = 0;

}  // namespace

Pool::Pool(unsigned jobs) {
    for (unsigned i = 1; i < jobs; ++i) threads_.emplace_back([this] { help(); });
}

Pool::~Pool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
}

void Pool::run(const std::vector<Task>& tasks) {
    Batch batch{.tasks = tasks, .depth = current_depth};
    std::unique_lock lock(mutex_);
    // Newest first: what a task waits for goes before what nobody waits for yet.
    batches_.push_front(&batch);
    changed_.notify_all();
    while (run_one(lock, batch)) {
    }
    help_deeper(lock, batch);
    batches_.remove(&batch);
    if (batch.failure) std::rethrow_exception(batch.failure);
}

// Until the tasks of a batch that others have begun are done. Only what is deeper than the batch, so that tasks of
// tasks never pile up on one stack.
void Pool::help_deeper(std::unique_lock<std::mutex>& lock, Batch& batch) {
    while (batch.running > 0) {
        const auto deeper = std::ranges::find_if(batches_, [&](const Batch* b) { return b->depth > batch.depth; });
        if (deeper != batches_.end())
            run_one(lock, **deeper);
        else
            changed_.wait(lock);
    }
}

// False when the batch has nothing left to begin.
bool Pool::run_one(std::unique_lock<std::mutex>& lock, Batch& batch) {
    if (batch.failure || batch.next == batch.tasks.size()) return false;
    const std::size_t index = batch.next++;
    if (batch.next == batch.tasks.size()) batches_.remove(&batch);
    ++batch.running;
    const unsigned depth = std::exchange(current_depth, batch.depth + 1);
    lock.unlock();
    std::exception_ptr failure;
    try {
        batch.tasks[index]();
    } catch (...) {  // carried to the caller of run()
        failure = std::current_exception();
    }
    lock.lock();
    current_depth = depth;
    if (failure && !batch.failure) {
        batch.failure = failure;
        batches_.remove(&batch);
    }
    if (--batch.running == 0) changed_.notify_all();
    return true;
}

void Pool::help() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || !batches_.empty(); });
        if (stopping_) return;
        run_one(lock, *batches_.front());
    }
}

}  // namespace mox::check
