#include "cli/progress.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <functional>
#include <utility>

#include "base/interrupt.hpp"

namespace mox::cli {

namespace {

constexpr std::chrono::milliseconds redraw_interval(200);
constexpr std::chrono::milliseconds shortest_measure(500);  // rates before that are noise

std::string time_left_text(std::uint64_t seconds) {
    if (seconds < 3600) return fmt::format("{}:{:02} left", seconds / 60, seconds % 60);
    return fmt::format("{}:{:02}:{:02} left", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

// Done and total, in the unit that tells best how long the rest takes; bytes do that better than files.
std::pair<std::uint64_t, std::uint64_t> amount_of(const ProgressState& state) {
    if (state.share_total != 0) return {state.share_done, state.share_total};
    if (state.total_bytes != 0) return {state.bytes, state.total_bytes};
    return {state.count, state.total_count};
}

// Signals are for the thread that works: a read that blocks there must return when one arrives.
std::thread without_signals(std::function<void()> work) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(work));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

}  // namespace

std::string progress_line(const ProgressState& state, unsigned width) {
    std::string line = state.label + ": " + std::to_string(state.count);
    if (state.total_count != 0) line += "/" + std::to_string(state.total_count);
    line += " " + state.unit;
    if (state.bytes != 0) line += ", " + size_text(state.bytes);
    const double seconds = static_cast<double>(state.elapsed.count()) / 1000;
    if (state.elapsed >= shortest_measure) {
        line += fmt::format(", {:.0f} {}/s", static_cast<double>(state.count) / seconds, state.unit);
        const auto bytes_per_second = static_cast<std::uint64_t>(static_cast<double>(state.bytes) / seconds);
        if (state.bytes != 0) line += fmt::format(", {}/s", size_text(bytes_per_second));
    }
    const auto [done_units, total_units] = amount_of(state);
    const auto done = static_cast<double>(done_units), total = static_cast<double>(total_units);
    if (total > 0 && done <= total) {
        line += fmt::format(", {:.0f} %", 100 * done / total);
        if (state.elapsed >= shortest_measure && done > 0)
            line += ", " + time_left_text(static_cast<std::uint64_t>(seconds * (total - done) / done + 0.5));
    }
    std::string safe = one_line(line);
    if (safe.size() <= width) return safe;
    std::size_t end = width;
    while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xc0) == 0x80) --end;
    return safe.substr(0, end);
}

Progress::Progress(Reporter& out, Options options)
    : out_(&out),
      options_(std::move(options)),
      started_(std::chrono::steady_clock::now()),
      total_count_(options_.total_count),
      total_bytes_(options_.total_bytes) {
    watcher_ = without_signals([this] { watch(); });
}

Progress::~Progress() {
    if (!watcher_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stop_.notify_all();
    watcher_.join();
}

ProgressState Progress::state() const {
    return {
        .label = options_.label,
        .unit = options_.unit,
        .count = count(),
        .total_count = total_count_.load(std::memory_order_relaxed),
        .bytes = bytes(),
        .total_bytes = total_bytes_.load(std::memory_order_relaxed),
        .elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started_),
        .share_done = share_done_.load(std::memory_order_relaxed),
        .share_total = share_total_.load(std::memory_order_relaxed)};
}

void Progress::watch() {
    constexpr unsigned longest_line = 1000;
    const bool draws = out_->settings().progress;
    std::unique_lock lock(mutex_);
    while (!stop_.wait_for(lock, redraw_interval, [this] { return stopping_; })) {
        if (take_progress_request()) out_->print_status(progress_line(state(), longest_line));
        if (draws) out_->show_status(progress_line(state(), out_->status_width() - 1));
    }
    if (draws) out_->show_status({});
}

}  // namespace mox::cli
