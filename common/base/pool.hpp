#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace mox {

// Objects that are dear to make and serve one thread at a time, such as tokenizers with their buffers: as many are made
// as threads use at once.
template <class T>
class Pool {
public:
    explicit Pool(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

    // work(object), with an object that nobody else uses meanwhile.
    template <class Work>
    auto with(Work&& work) {
        Lease lease{*this, take()};
        return work(*lease.object);
    }
    // All objects. Only when nobody is inside with().
    [[nodiscard]] std::vector<std::unique_ptr<T>>& all() { return idle_; }

private:
    struct Lease {
        Pool& pool;
        std::unique_ptr<T> object;
        ~Lease() {
            const std::lock_guard lock(pool.mutex_);
            pool.idle_.push_back(std::move(object));
        }
    };
    std::unique_ptr<T> take() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                auto object = std::move(idle_.back());
                idle_.pop_back();
                return object;
            }
        }
        return make_();
    }

    const std::function<std::unique_ptr<T>()> make_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<T>> idle_;  // guarded by mutex_
};

}  // namespace mox
