#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/fd.hpp"
#include "datadir/layout.hpp"

// Locks between processes: flock(2) on files below locks/, which are made once and never deleted. The kernel drops a
// lock when its holder ends, however it ends. docs/data-directory.md, section "Locking".

namespace mox::datadir {

enum class LockMode { shared, exclusive };

// Holds one lock until destruction.
class Lock {
public:
    // nullopt when another process holds it in a conflicting way.
    [[nodiscard]] static std::optional<Lock> try_take(const Layout& layout, std::string_view name, LockMode mode);
    // Waits; Errc::locked after `timeout`, Interrupted on a signal.
    [[nodiscard]] static Lock take(const Layout& layout, std::string_view name, LockMode mode,
                                   std::chrono::milliseconds timeout);
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    explicit Lock(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

// "Nobody erases message files meanwhile": for backup, export, verify, retrain. A waiting eraser goes first (the
// turnstile lock), so that back-to-back holders cannot starve it. Without the right to open the lock files (a read-only
// directory) there is nobody who could erase either, and nullopt is returned.
[[nodiscard]] std::optional<Lock> hold_erasure(const Layout& layout, std::chrono::milliseconds timeout);
// The eraser's side: nullopt when somebody holds erasure. Waits for the present holders as long as `patience`; whoever
// comes meanwhile waits for the eraser.
[[nodiscard]] std::optional<Lock> try_lock_erasure(const Layout& layout, std::chrono::milliseconds patience = {});

// True when a server is running on the directory (it holds `serve`).
[[nodiscard]] bool is_served(const Layout& layout);

// The lock behind a block of message ids in use. `number` is free again when its holder ends; the `token`, 32 hex
// digits that the holder writes into the lock file, tells a later holder of the same number from this one.
class Reservation {
public:
    [[nodiscard]] static Reservation take(const Layout& layout);
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] const std::string& token() const { return token_; }

private:
    Reservation(Lock lock, int number, std::string token)
        : lock_(std::move(lock)),
          number_(number),
          token_(std::move(token)) {}
    Lock lock_;
    int number_;
    std::string token_;
};
// True while the process that took that reservation lives (conservative: true when it cannot be told).
[[nodiscard]] bool is_reservation_alive(const Layout& layout, int number, std::string_view token);
// The same for a token of which the number is not known.
[[nodiscard]] bool is_reservation_alive(const Layout& layout, std::string_view token);

}  // namespace mox::datadir
