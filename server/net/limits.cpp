#include "server/net/limits.hpp"

#include <algorithm>
#include <cstddef>

namespace mox::net {

namespace {

bool has_room(const std::map<login::AddressClass, std::uint32_t>& counts, const login::IpAddress& address,
              const std::array<std::uint32_t, 3>& limits) {
    for (const auto breadth : login::all_breadths) {
        const auto found = counts.find(class_of(address, breadth));
        if (found != counts.end() && found->second >= limits[static_cast<std::size_t>(breadth)]) return false;
    }
    return true;
}

bool is_loopback(const login::IpAddress& address) {
    static const login::IpAddress v4 = login::IpAddress::parse("127.0.0.1"), v6 = login::IpAddress::parse("::1");
    constexpr std::ptrdiff_t v4_prefix = 13;  // ::ffff:127
    return address.bytes == v6.bytes ||
           std::equal(v4.bytes.begin(), v4.bytes.begin() + v4_prefix, address.bytes.begin());
}

}  // namespace

ConnectionLimits::Refusal ConnectionLimits::add(const login::IpAddress& address) {
    const std::int64_t minute = clock_.now().seconds / 60;
    if (minute != minute_) recent_.clear();
    minute_ = minute;
    if (open_ >= numbers_.in_all) return Refusal::full;
    if (!numbers_.with_loopback && is_loopback(address)) {
        ++open_;
        return Refusal::none;
    }
    if (!has_room(present_, address, numbers_.simultaneous)) return Refusal::too_many;
    if (!has_room(recent_, address, numbers_.per_minute)) return Refusal::too_fast;
    ++open_;
    for (const auto breadth : login::all_breadths) {
        const auto address_class = class_of(address, breadth);
        ++present_[address_class];
        ++recent_[address_class];
    }
    return Refusal::none;
}

void ConnectionLimits::remove(const login::IpAddress& address) {
    --open_;
    for (const auto breadth : login::all_breadths) {
        const auto found = present_.find(class_of(address, breadth));
        if (found != present_.end() && --found->second == 0) present_.erase(found);
    }
}

}  // namespace mox::net
