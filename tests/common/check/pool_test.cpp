#include "check/pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace mox::check {
namespace {

// Lets two threads go on when both have come; false when the other one does not come.
class Meeting {
public:
    bool come() {
        std::unique_lock lock(mutex_);
        ++here_;
        all_here_.notify_all();
        return all_here_.wait_for(lock, std::chrono::seconds(30), [&] { return here_ == 2; });
    }

private:
    std::mutex mutex_;
    std::condition_variable all_here_;
    int here_ = 0;
};

TEST_CASE("who has nothing left to do helps with what the others' tasks start", "[check]") {
    Pool pool(2);
    const auto caller = std::this_thread::get_id();
    Meeting outer, inner;
    std::atomic<bool> met_outside = true, met_inside = true;
    const Pool::Task meet = [&] {
        if (!inner.come()) met_inside = false;
    };
    const Pool::Task task = [&] {
        if (!outer.come()) met_outside = false;
        if (std::this_thread::get_id() != caller) pool.run({meet, meet});
    };
    pool.run({task, task});
    CHECK(met_outside);
    CHECK(met_inside);
}

TEST_CASE("a failure of a task of a task reaches the outermost caller", "[check]") {
    for (const unsigned jobs : {1U, 2U, 4U}) {
        Pool pool(jobs);
        std::atomic<int> done = 0;
        const Pool::Task fine = [&] { ++done; };
        const Pool::Task failing = [&] { pool.run({fine, [] { throw std::runtime_error("inner"); }}); };
        CHECK_THROWS_WITH(pool.run({fine, failing}), "inner");
        CHECK(done == 2);
        CHECK_NOTHROW(pool.run({fine, fine}));
        CHECK(done == 4);
    }
}

}  // namespace
}  // namespace mox::check
