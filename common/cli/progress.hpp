#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "cli/reporter.hpp"

namespace mox::cli {

struct ProgressState {
    std::string label;              // "importing"
    std::string unit;               // "messages"
    std::uint64_t count = 0;        // done
    std::uint64_t total_count = 0;  // 0: not known
    std::uint64_t bytes = 0;
    std::uint64_t total_bytes = 0;  // 0: not known
    std::chrono::milliseconds elapsed{0};
    // How much of the work is done, in a unit of its own; tells the rest better than the others. Total 0: not known.
    std::uint64_t share_done = 0, share_total = 0;
};

// "importing: 120/3023 messages, 1.2 MiB, 40 messages/s, 410.0 KiB/s, 4 %, 1:12 left", at most `width` columns.
[[nodiscard]] std::string progress_line(const ProgressState& state, unsigned width);

// How far a piece of work is: a line on the terminal, redrawn up to 5 times a second where the reporter's settings
// allow it, and one line on standard error at SIGUSR1, always. The line goes away with the object. add() may be called
// from any thread and costs two relaxed additions. `out` must outlive it; one at a time for each reporter.
class Progress {
public:
    struct Options {
        std::string label;
        std::string unit = "files";
        std::uint64_t total_count = 0;  // 0: not known
        std::uint64_t total_bytes = 0;  // 0: not known
    };

    Progress() = default;  // the form that shows nothing
    Progress(Reporter& out, Options options);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void add(std::uint64_t count, std::uint64_t bytes = 0) noexcept {
        count_.fetch_add(count, std::memory_order_relaxed);
        if (bytes != 0) bytes_.fetch_add(bytes, std::memory_order_relaxed);
    }
    void set_total(std::uint64_t count, std::uint64_t bytes = 0) noexcept {
        total_count_.store(count, std::memory_order_relaxed);
        total_bytes_.store(bytes, std::memory_order_relaxed);
    }
    // For work whose rest neither counts nor bytes tell, such as reading what is compressed.
    void set_share(std::uint64_t done, std::uint64_t total) noexcept {
        share_done_.store(done, std::memory_order_relaxed);
        share_total_.store(total, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
    void watch();
    [[nodiscard]] ProgressState state() const;

    Reporter* out_ = nullptr;
    Options options_;
    std::chrono::steady_clock::time_point started_;
    std::atomic<std::uint64_t> count_ = 0, bytes_ = 0, total_count_ = 0, total_bytes_ = 0;
    std::atomic<std::uint64_t> share_done_ = 0, share_total_ = 0;
    std::mutex mutex_;
    std::condition_variable stop_;
    bool stopping_ = false;  // guarded by mutex_
    std::thread watcher_;
};

}  // namespace mox::cli
