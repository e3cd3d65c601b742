#include "server/net/workers.hpp"

#include <algorithm>
#include <utility>

namespace mox::net {

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
    ready_.push_back({strand, std::move(entry->second.front())});
    entry->second.pop_front();
    changed_.notify_one();
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
    }
}

}  // namespace mox::net
