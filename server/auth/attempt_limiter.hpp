#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// One limit on failed logins for all protocols. Failures count for three nested classes of the client's address, so
// that neither one address nor a network of many can guess on.

namespace mox::login {

// Where a login was tried. Port 25 has none.
enum class Protocol { imap, submission, web_account, web_admin, webmail, web_api };
// The value of the label `kind`: "imap", "submission", "webaccount", "webadmin", "webmail", "webapi".
[[nodiscard]] std::string_view name_of(Protocol protocol);

// Addresses of the same class: IPv4 /32, /26, /21; IPv6 /64, /48, /32. An IPv4 address mapped into IPv6 is IPv4.
enum class Breadth : std::uint8_t { narrow, middle, wide };
inline constexpr std::array all_breadths{Breadth::narrow, Breadth::middle, Breadth::wide};

struct AddressClass {
    std::array<unsigned char, 16> prefix{};  // the rest is 0; IPv4 as mapped
    Breadth breadth = Breadth::narrow;
    friend bool operator==(const AddressClass&, const AddressClass&) = default;
    friend auto operator<=>(const AddressClass&, const AddressClass&) = default;
};
struct IpAddress {
    std::array<unsigned char, 16> bytes{};  // IPv4 as ::ffff:a.b.c.d
    // From "192.0.2.1" or "2001:db8::1", without a zone. Throws Error{usage} for anything else.
    [[nodiscard]] static IpAddress parse(const std::string& text);
};
[[nodiscard]] AddressClass class_of(const IpAddress& address, Breadth breadth);

// Any thread may use it. State is in memory; a restart clears it.
class AttemptLimiter {
public:
    // Failures allowed: 10, 30 and 90 a minute and 50, 150 and 450 a day, by breadth. `clock` outlives it.
    explicit AttemptLimiter(const Clock& clock) : clock_(clock) {}

    // False: too many failures came from there; the refusal is counted. Ask before a connection is served and before
    // each attempt.
    [[nodiscard]] bool allows(const IpAddress& address, Protocol protocol);
    // Counts a failure. Returns how long to hold back the answer: nothing for the first two of a day, then doubling
    // from a quarter of a second up to eight seconds.
    [[nodiscard]] std::chrono::milliseconds add_failure(const IpAddress& address);
    // A success takes the failures of the address's own class off all three.
    void forgive(const IpAddress& address);

    // Refusals since the start, for metrics.
    [[nodiscard]] std::uint64_t refusals(Protocol protocol) const;
    // How many address classes are remembered; bounded by the failures of two days.
    [[nodiscard]] std::size_t size() const;

private:
    struct Window {
        std::chrono::seconds length;
        std::array<std::uint32_t, 3> limits;  // by breadth
        std::int64_t number = 0;              // of the window that `failures` is about: time / length
        std::map<AddressClass, std::uint32_t> failures;
    };

    void turn_to_now();
    [[nodiscard]] bool is_at_limit(const IpAddress& address) const;

    const Clock& clock_;
    mutable std::mutex mutex_;  // guards what follows
    std::array<Window, 2> windows_{Window{std::chrono::minutes(1), {10, 30, 90}, 0, {}},
                                   Window{std::chrono::hours(24), {50, 150, 450}, 0, {}}};
    std::map<Protocol, std::uint64_t> refusals_;
};

}  // namespace mox::login
