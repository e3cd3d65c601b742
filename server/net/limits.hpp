#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.hpp"
#include "server/auth/attempt_limiter.hpp"

namespace mox::net {

// How many connections are taken, in all and from each class of addresses (login::Breadth): a network cannot keep
// others out, and neither can one address. Those of one protocol share one such object. Used by the loop's thread.
// Loopback is no network: who connects from there is on this host, perhaps on behalf of many, as a web mail client
// does.
class ConnectionLimits {
public:
    struct Numbers {
        std::array<std::uint32_t, 3> simultaneous{30, 90, 270};   // by breadth
        std::array<std::uint32_t, 3> per_minute{300, 900, 2700};  // new ones, likewise
        std::uint32_t in_all = 16'384;
        bool with_loopback = false;  // these count like all others
    };
    enum class Refusal { none, too_many, too_fast, full };

    // `clock` outlives it.
    ConnectionLimits(const Clock& clock, const Numbers& numbers) : clock_(clock), numbers_(numbers) {}

    // Counts the connection when the answer is `none`, and then remove() follows at its end. A refused one counts
    // nowhere.
    [[nodiscard]] Refusal add(const login::IpAddress& address);
    void remove(const login::IpAddress& address);

    [[nodiscard]] std::uint32_t open() const { return open_; }
    // How many address classes are remembered; bounded by the connections of a minute.
    [[nodiscard]] std::size_t size() const { return present_.size() + recent_.size(); }

private:
    using Counts = std::map<login::AddressClass, std::uint32_t>;

    const Clock& clock_;
    const Numbers numbers_;
    std::uint32_t open_ = 0;
    Counts present_, recent_;
    std::int64_t minute_ = 0;  // that recent_ is about
};

}  // namespace mox::net
