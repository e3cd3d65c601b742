#include "base/parallel.hpp"

#include <algorithm>
#include <atomic>

namespace mox {

unsigned default_jobs() {
    return std::max(1U, std::thread::hardware_concurrency());
}

void parallel_for(unsigned jobs, std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::mutex mutex;
    std::exception_ptr first_failure;
    const auto run = [&] {
        try {
            for (std::size_t i = next++; i < count && !failed; i = next++) work(i);
        } catch (...) {  // carried to the caller
            failed = true;
            const std::lock_guard lock(mutex);
            if (!first_failure) first_failure = std::current_exception();
        }
    };
    std::vector<std::thread> threads;
    const std::size_t extra = std::min<std::size_t>(jobs == 0 ? 1 : jobs, count);
    for (std::size_t i = 1; i < extra; ++i) threads.emplace_back(run);
    run();
    for (auto& thread : threads) thread.join();
    if (first_failure) std::rethrow_exception(first_failure);
}

}  // namespace mox
