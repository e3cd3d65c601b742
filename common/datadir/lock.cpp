#include "datadir/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"

namespace mox::datadir {

namespace {

constexpr int most_reservations = 10'000;
constexpr std::string_view erase_lock = "erase";
constexpr std::string_view turnstile_lock = "erase-turnstile";
constexpr std::string_view serve_lock = "serve";

std::string reservation_name(int number) {
    return fmt::format("reservation-{}", number);
}

UniqueFd open_lock_file(const Layout& layout, std::string_view name) {
    const auto path = layout.lock(name);
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (fd) return fd;
    if (errno == EACCES || errno == EROFS || errno == EPERM) {
        // A reader may hold a lock, too, where the file is there.
        fd = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (fd) return fd;
    }
    if (errno != ENOENT) throw system_error(errno, "open lock", path.native());
    const Ownership ownership = ownership_of(layout.root());
    make_directory(layout.locks(), ownership);
    fd = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, ownership.file_mode));
    if (!fd) throw system_error(errno, "create lock", path.native());
    apply_ownership(fd.get(), ownership, path);
    return fd;
}

bool try_flock(int fd, LockMode mode, const std::filesystem::path& path) {
    while (::flock(fd, (mode == LockMode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return false;
        if (errno != EINTR) throw system_error(errno, "lock", path.native());
    }
    return true;
}

}  // namespace

std::optional<Lock> Lock::try_take(const Layout& layout, std::string_view name, LockMode mode) {
    UniqueFd fd = open_lock_file(layout, name);
    if (!try_flock(fd.get(), mode, layout.lock(name))) return std::nullopt;
    return Lock(std::move(fd));
}

Lock Lock::take(const Layout& layout, std::string_view name, LockMode mode, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    UniqueFd fd = open_lock_file(layout, name);
    while (!try_flock(fd.get(), mode, layout.lock(name))) {
        check_interrupt();
        if (std::chrono::steady_clock::now() >= deadline)
            throw Error(Errc::locked, "lock " + quote(layout.lock(name).native()) + ": held by another process",
                        "try again later, or raise --lock-timeout");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return Lock(std::move(fd));
}

std::optional<Lock> hold_erasure(const Layout& layout, std::chrono::milliseconds timeout) {
    try {
        const Lock turnstile = Lock::take(layout, turnstile_lock, LockMode::shared, timeout);
        return Lock::take(layout, erase_lock, LockMode::shared, timeout);
    } catch (const Error& error) {
        if (error.code() == Errc::locked || error.code() == Errc::interrupted || error.code() == Errc::no_space) throw;
        if (::access(layout.root().c_str(), W_OK) == 0) throw;
        return std::nullopt;  // we may not write here, so the lock files cannot be opened
    }
}

std::optional<Lock> try_lock_erasure(const Layout& layout, std::chrono::milliseconds patience) {
    // Whoever wants to hold erasure from now on waits at the turnstile until this try is over.
    const auto turnstile = Lock::try_take(layout, turnstile_lock, LockMode::exclusive);
    if (!turnstile) return std::nullopt;
    if (patience.count() <= 0) return Lock::try_take(layout, erase_lock, LockMode::exclusive);
    try {
        return Lock::take(layout, erase_lock, LockMode::exclusive, patience);
    } catch (const Error& error) {
        if (error.code() != Errc::locked) throw;
        return std::nullopt;
    }
}

bool is_served(const Layout& layout) {
    if (!status_of(layout.lock(serve_lock))) return false;
    return !Lock::try_take(layout, serve_lock, LockMode::shared).has_value();
}

Reservation Reservation::take(const Layout& layout) {
    for (int number = 1; number <= most_reservations; ++number) {
        auto lock = Lock::try_take(layout, reservation_name(number), LockMode::exclusive);
        if (!lock) continue;
        std::byte bytes[16];
        SystemRandom().fill(bytes);
        std::string token = to_hex(bytes);
        const auto path = layout.lock(reservation_name(number));
        if (::pwrite(lock->fd(), token.data(), token.size(), 0) != static_cast<ssize_t>(token.size()))
            throw system_error(errno, "write", path.native());
        return {std::move(*lock), number, std::move(token)};
    }
    throw Error(Errc::locked, "all reservation locks are in use");
}

bool is_reservation_alive(const Layout& layout, int number, std::string_view token) {
    const std::string name = reservation_name(number);
    if (!status_of(layout.lock(name))) return false;
    if (Lock::try_take(layout, name, LockMode::shared)) return false;
    // Locked: by that holder, or by a later one who has written another token. Between locking and writing the old
    // token stands there; then the answer is "alive" and the next look is right.
    return read_file(layout.lock(name), 100) == token;
}

bool is_reservation_alive(const Layout& layout, std::string_view token) {
    for (int number = 1; number <= most_reservations; ++number) {
        const auto path = layout.lock(reservation_name(number));
        if (!status_of(path)) return false;  // the files are made in order
        if (read_file(path, 100) == token) return is_reservation_alive(layout, number, token);
    }
    return false;
}

}  // namespace mox::datadir
