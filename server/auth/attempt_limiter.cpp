#include "server/auth/attempt_limiter.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::login {

namespace {

constexpr std::array<unsigned char, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t index_of(Breadth breadth) {
    return static_cast<std::size_t>(breadth);
}

constexpr std::uint32_t failures_at_once = 2;
constexpr std::chrono::milliseconds first_delay{250}, longest_delay{8'000};

std::chrono::milliseconds delay_after(std::uint32_t failures) {
    if (failures <= failures_at_once) return {};
    const auto doublings = std::min<std::uint32_t>(failures - failures_at_once - 1, 16);
    return std::min(longest_delay, first_delay * (1U << doublings));
}

}  // namespace

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::imap:
            return "imap";
        case Protocol::submission:
            return "submission";
        case Protocol::web_account:
            return "webaccount";
        case Protocol::web_admin:
            return "webadmin";
        case Protocol::webmail:
            return "webmail";
        case Protocol::web_api:
            return "webapi";
    }
    return {};
}

IpAddress IpAddress::parse(const std::string& text) {
    IpAddress out;
    if (::inet_pton(AF_INET6, text.c_str(), out.bytes.data()) == 1) return out;
    std::ranges::copy(mapped_prefix, out.bytes.begin());
    if (::inet_pton(AF_INET, text.c_str(), out.bytes.data() + mapped_prefix.size()) == 1) return out;
    throw Error(Errc::usage, quote(text) + " is no IP address");
}

AddressClass class_of(const IpAddress& address, Breadth breadth) {
    constexpr std::array<std::size_t, 3> v4_bits{32, 26, 21}, v6_bits{64, 48, 32};
    const bool is_v4 = std::memcmp(address.bytes.data(), mapped_prefix.data(), mapped_prefix.size()) == 0;
    const std::size_t bits = is_v4 ? 96 + v4_bits[index_of(breadth)] : v6_bits[index_of(breadth)];
    AddressClass out{.prefix = address.bytes, .breadth = breadth};
    for (std::size_t i = 0; i < out.prefix.size(); ++i) {
        const std::size_t kept = std::clamp<std::size_t>(bits, i * 8, i * 8 + 8) - i * 8;
        out.prefix[i] = static_cast<unsigned char>(out.prefix[i] & (0xff00U >> kept));
    }
    return out;
}

void AttemptLimiter::turn_to_now() {
    const std::int64_t now = clock_.now().seconds;
    for (auto& window : windows_) {
        const std::int64_t number = now / window.length.count();
        if (number == window.number) continue;
        window.number = number;
        window.failures.clear();
    }
}

bool AttemptLimiter::is_at_limit(const IpAddress& address) const {
    for (const auto& window : windows_)
        for (const auto breadth : all_breadths) {
            const auto found = window.failures.find(class_of(address, breadth));
            if (found != window.failures.end() && found->second >= window.limits[index_of(breadth)]) return true;
        }
    return false;
}

bool AttemptLimiter::allows(const IpAddress& address, Protocol protocol) {
    const std::lock_guard lock(mutex_);
    turn_to_now();
    if (!is_at_limit(address)) return true;
    ++refusals_[protocol];
    return false;
}

std::chrono::milliseconds AttemptLimiter::add_failure(const IpAddress& address) {
    const std::lock_guard lock(mutex_);
    turn_to_now();
    if (is_at_limit(address)) return longest_delay;
    for (auto& window : windows_)
        for (const auto breadth : all_breadths) ++window.failures[class_of(address, breadth)];
    return delay_after(windows_.back().failures[class_of(address, Breadth::narrow)]);
}

void AttemptLimiter::forgive(const IpAddress& address) {
    const std::lock_guard lock(mutex_);
    turn_to_now();
    for (auto& window : windows_) {
        const auto own = window.failures.find(class_of(address, Breadth::narrow));
        if (own == window.failures.end()) continue;
        const std::uint32_t count = own->second;
        for (const auto breadth : all_breadths) {
            const auto found = window.failures.find(class_of(address, breadth));
            if (found == window.failures.end()) continue;
            found->second -= std::min(count, found->second);
            if (found->second == 0) window.failures.erase(found);
        }
    }
}

std::uint64_t AttemptLimiter::refusals(Protocol protocol) const {
    const std::lock_guard lock(mutex_);
    const auto found = refusals_.find(protocol);
    return found == refusals_.end() ? 0 : found->second;
}

std::size_t AttemptLimiter::size() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& window : windows_) count += window.failures.size();
    return count;
}

}  // namespace mox::login
