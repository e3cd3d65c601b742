#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace mox {

// The number of threads that `--jobs 0` means: one per CPU that this process may use, at least 1.
[[nodiscard]] unsigned default_jobs();

// Runs work(0) … work(count - 1) on up to `jobs` threads (the caller's is one of them) and returns when all are done.
// The first exception stops handing out numbers and is rethrown here.
void parallel_for(unsigned jobs, std::size_t count, const std::function<void(std::size_t)>& work);

// Work on several threads whose results come back in the order of submission.
//
//   OrderedPipeline<Raw, Parsed> pipeline(jobs, limit, parse, [&](Parsed parsed) { insert(parsed); });
//   while (auto raw = source.next()) pipeline.submit(std::move(*raw));
//   pipeline.finish();
//
// `work` runs on worker threads, `consume` only on the thread that calls submit() and finish(). The weights of what is
// under way (bytes, say; 1 each by default) add up to `limit` at most, or it is a single item: memory is bounded. An
// exception of either is rethrown by submit() or finish(), after which only destruction is allowed; destruction drops
// what is under way.
template <class Input, class Output>
class OrderedPipeline {
public:
    OrderedPipeline(unsigned jobs, std::size_t limit, std::function<Output(Input&&)> work,
                    std::function<void(Output&&)> consume)
        : limit_(limit),
          work_(std::move(work)),
          consume_(std::move(consume)) {
        for (unsigned i = 0; i < (jobs == 0 ? 1 : jobs); ++i) threads_.emplace_back([this] { run(); });
    }
    ~OrderedPipeline() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            waiting_.clear();
        }
        work_ready_.notify_all();
        for (auto& thread : threads_) thread.join();
    }
    OrderedPipeline(const OrderedPipeline&) = delete;
    OrderedPipeline& operator=(const OrderedPipeline&) = delete;

    void submit(Input input, std::size_t weight = 1) {
        consume_until_at_most(weight < limit_ ? limit_ - weight : 0);
        const auto item = std::make_shared<Item>(std::move(input), weight);
        under_way_ += weight;
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(item);
        }
        in_order_.push_back(item);
        work_ready_.notify_one();
    }
    void finish() { consume_until_at_most(0); }

private:
    struct Item {
        Item(Input&& value, std::size_t item_weight) : input(std::move(value)), weight(item_weight) {}
        std::optional<Input> input;
        std::optional<Output> output;
        std::exception_ptr failure;
        std::size_t weight;
        bool done = false;
    };

    // Consumes whatever is ready, and waits while more than `weight` is under way.
    void consume_until_at_most(std::size_t weight) {
        while (!in_order_.empty()) {
            const auto item = in_order_.front();
            {
                std::unique_lock lock(mutex_);
                if (under_way_ <= weight && !item->done) return;
                item_done_.wait(lock, [&] { return item->done; });
            }
            in_order_.pop_front();
            under_way_ -= item->weight;
            if (item->failure) std::rethrow_exception(item->failure);
            consume_(std::move(*item->output));
        }
    }

    void run() {
        for (;;) {
            std::shared_ptr<Item> item;
            {
                std::unique_lock lock(mutex_);
                work_ready_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
                if (waiting_.empty()) return;
                item = waiting_.front();
                waiting_.pop_front();
            }
            try {
                item->output.emplace(work_(std::move(*item->input)));
            } catch (...) {  // carried to the consumer
                item->failure = std::current_exception();
            }
            item->input.reset();
            {
                const std::lock_guard lock(mutex_);
                item->done = true;
            }
            item_done_.notify_one();
        }
    }

    const std::size_t limit_;
    const std::function<Output(Input&&)> work_;
    const std::function<void(Output&&)> consume_;
    std::mutex mutex_;
    std::condition_variable work_ready_, item_done_;
    std::deque<std::shared_ptr<Item>> waiting_;   // guarded by mutex_
    bool stopping_ = false;                       // guarded by mutex_
    std::deque<std::shared_ptr<Item>> in_order_;  // of the submitting thread
    std::size_t under_way_ = 0;                   // sum of the weights in in_order_
    std::vector<std::thread> threads_;
};

}  // namespace mox
