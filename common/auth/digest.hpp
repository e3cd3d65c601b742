#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// Keyed hashes of texts of bytes, as SCRAM needs them. OpenSSL stays inside. Throws Error{failed} when it does.

namespace mox::auth {

enum class Digest { sha1, sha256 };

[[nodiscard]] std::size_t size_of(Digest digest);  // bytes: 20, 32
[[nodiscard]] std::string hash(Digest digest, std::string_view text);
[[nodiscard]] std::string hmac(Digest digest, std::string_view key, std::string_view text);
// PBKDF2 with HMAC (RFC 8018 section 5.2), as long as the digest: Hi() of RFC 5802.
[[nodiscard]] std::string pbkdf2(Digest digest, std::string_view password, std::string_view salt,
                                 std::int64_t iterations);

// Takes the same time wherever the two differ; their lengths are no secret.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace mox::auth
