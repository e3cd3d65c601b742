#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "auth/credentials.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

namespace mox::login {

// Mail programs log in again and again with the same password, and each time bcrypt takes some 50 ms of a processor on
// purpose. So that a right password is right for some minutes without it: what is kept is a keyed hash (HMAC) of stored
// hash and password, under a random key of this process. A new password has another stored hash, so that the old one
// is forgotten with it. Wrong passwords are never kept. Any thread may use it.
class PasswordCache {
public:
    using Matches = std::function<bool(const std::string& hash, std::string_view password)>;

    static constexpr std::int64_t lifetime_seconds = 5 * 60;
    static constexpr std::size_t most_entries = 4096;  // then the oldest go

    // `clock` outlives it. `slow` is what is saved.
    PasswordCache(const Clock& clock, Random& random, Matches slow = auth::bcrypt_matches);

    [[nodiscard]] bool matches(const std::string& hash, std::string_view password);
    [[nodiscard]] std::size_t size() const;

private:
    using Key = std::string;

    [[nodiscard]] Key key_of(const std::string& hash, std::string_view password) const;
    [[nodiscard]] bool is_known(const Key& key) const;
    void keep(const Key& key);

    const Clock& clock_;
    const Matches slow_;
    std::array<std::byte, 32> secret_{};
    mutable std::mutex mutex_;             // guards what follows
    std::map<Key, std::int64_t> checked_;  // when, in Unix seconds
    std::deque<Key> order_;                // of checked_, oldest first
};

}  // namespace mox::login
