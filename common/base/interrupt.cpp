#include "base/interrupt.hpp"

#include <signal.h>

#include <atomic>

#include "base/error.hpp"

namespace mox {

namespace {

std::atomic<int> stop_signal = 0;
std::atomic<bool> progress_requested = false;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" void on_stop(int number) {
    stop_signal.store(number);
    struct sigaction default_action = {};
    default_action.sa_handler = SIG_DFL;
    ::sigaction(number, &default_action, nullptr);
}

extern "C" void on_progress_request(int) {
    progress_requested.store(true);
}

void handle(int number, void (*handler)(int), int flags) {
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    ::sigaction(number, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
    // Without SA_RESTART for the first three: a blocking read returns, and the loop around it notices.
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction current = {};
        ::sigaction(number, nullptr, &current);
        if (current.sa_handler != SIG_IGN) handle(number, on_stop, 0);  // nohup stays in force
    }
    handle(SIGUSR1, on_progress_request, SA_RESTART);
    handle(SIGPIPE, SIG_IGN, 0);
}

int interrupted_by() noexcept {
    return stop_signal.load(std::memory_order_relaxed);
}

void check_interrupt() {
    if (const int number = interrupted_by()) throw Interrupted(number);
}

bool take_progress_request() noexcept {
    return progress_requested.exchange(false);
}

void set_interrupted_by(int number) noexcept {
    stop_signal.store(number);
}

}  // namespace mox
