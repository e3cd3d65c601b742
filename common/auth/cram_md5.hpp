#pragma once

#include <string>
#include <string_view>

#include "auth/credentials.hpp"

// HMAC-MD5 (RFC 2104) in two halves: what is kept of the key, and what can be computed with it.

namespace mox::auth {

[[nodiscard]] CramMd5Keys cram_md5_keys(std::string_view password);

// The HMAC of `challenge` in lower-case hexadecimal, as CRAM-MD5 sends it. Empty when the states are none, which a
// client's answer never is; it takes as long.
[[nodiscard]] std::string cram_md5_digest(const CramMd5Keys& keys, std::string_view challenge);

}  // namespace mox::auth
