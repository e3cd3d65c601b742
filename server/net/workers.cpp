#include "server/net/workers.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace mox::net {

namespace {

// Clients send one command after the other, and waking a thread can take longer than a command does.
constexpr std::chrono::microseconds look_out_time{50};

}  // namespace

Workers::Workers(unsigned threads) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() {
    stop();
}

void Workers::submit(const std::string& strand, std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        if (!strand.empty()) {
            const auto [entry, is_first] = waiting_.try_emplace(strand);
            if (!is_first) {
                entry->second.push_back(std::move(task));
                return;
            }
        }
        ready_.push_back({strand, std::move(task)});
        if (std::exchange(looking_out_, false)) {
            seen_ = true;
            return;
        }
    }
    changed_.notify_one();
}

void Workers::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ready_.clear();
        waiting_.clear();
    }
    changed_.notify_all();
    threads_.clear();  // joins
}

void Workers::finish(const std::string& strand) {
    const auto entry = waiting_.find(strand);
    if (entry == waiting_.end()) return;
    if (entry->second.empty()) {
        waiting_.erase(entry);
        return;
    }
    // Nobody needs to be woken: the thread that has finished takes a task itself.
    ready_.push_back({strand, std::move(entry->second.front())});
    entry->second.pop_front();
}

// One thread at a time, which has worked until now, stays awake for a moment; others that want the processor get it.
void Workers::look_out(std::unique_lock<std::mutex>& lock) {
    looking_out_ = true;
    seen_ = false;
    lock.unlock();
    const auto end = std::chrono::steady_clock::now() + look_out_time;
    while (!seen_ && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    lock.lock();
    looking_out_ = false;
}

void Workers::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stopping_ || !ready_.empty(); });
        if (stopping_) return;
        Task task = std::move(ready_.front());
        ready_.pop_front();
        lock.unlock();
        task.run();
        task.run = nullptr;  // what it holds goes before the next task of its strand begins
        lock.lock();
        finish(task.strand);
        if (ready_.empty() && !looking_out_ && !stopping_) look_out(lock);
    }
}

}  // namespace mox::net
