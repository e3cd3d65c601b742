#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "keys/private_key.hpp"

// X.509 certificates in files. OpenSSL stays inside.

namespace mox::keys {

struct Certificate {
    std::vector<std::string> names;              // DNS names as they stand there, "*." included; in ASCII
    std::int64_t not_before = 0, not_after = 0;  // Unix seconds
    std::string public_key;                      // as PrivateKey::public_key()
};

// All certificates of a PEM text: the server's own first, then those that lead to its root. Throws Error{failed} saying
// what is wrong: none there, one broken.
[[nodiscard]] std::vector<Certificate> parse_certificates(std::string_view pem);

// Whether a host of this name (ASCII, any case) may use it. "*" stands for one label (RFC 6125).
[[nodiscard]] bool covers(const Certificate& certificate, std::string_view host);

// A certificate in PEM that `key` signed itself, for servers to try. `names` are hosts or IP addresses.
[[nodiscard]] std::string self_signed(const PrivateKey& key, const std::vector<std::string>& names,
                                      std::int64_t not_before, std::int64_t not_after);

}  // namespace mox::keys
