#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "db/database.hpp"

// What is stored of a password: nothing but what is derived from it, once for each way of logging in. One record an
// account, in its account database (table `credential`), made anew as a whole whenever a password is set.

namespace mox::auth {

inline constexpr std::size_t min_password_characters = 8;
inline constexpr std::size_t max_password_bytes = 72;  // bcrypt looks at no more
// How credentials are made.
inline constexpr std::size_t scram_salt_bytes = 12;
inline constexpr std::int64_t scram_sha1_iterations = 8192, scram_sha256_iterations = 4096;

// RFC 5802: what stands for the password in SCRAM. `salted_password` is Hi(password, salt, iterations), from which the
// proofs of both sides follow.
struct ScramKeys {
    std::string salt;
    std::int64_t iterations = 0;
    std::string salted_password;
    friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

// RFC 2195: the two MD5 states after the first block of HMAC's key, as Go's crypto/md5 writes them down ("md5\x01",
// four words, 64 bytes of a partial block, the length; 92 bytes). With them an HMAC can be computed, the key itself
// not.
struct CramMd5Keys {
    std::string ipad, opad;
    friend bool operator==(const CramMd5Keys&, const CramMd5Keys&) = default;
};

struct Credentials {
    std::string bcrypt;  // crypt(5) text
    // Absent when the password was set by a version that did not know the mechanism.
    std::optional<CramMd5Keys> cram_md5;
    std::optional<ScramKeys> scram_sha1, scram_sha256;
    std::int64_t changed = 0;  // Unix seconds
    friend bool operator==(const Credentials&, const Credentials&) = default;
};

// The form in which a password is hashed and compared (RFC 8265, profile OpaqueString): composed, with plain blanks.
// nullopt for what no password can be: empty, ill-formed UTF-8, controls, unassigned characters.
[[nodiscard]] std::optional<std::string> prepared_password(std::string_view password);

// Why `password` cannot be set, for people; empty when it can.
[[nodiscard]] std::string password_problem(std::string_view password);

// Everything that follows from a password. Takes some 100 ms, on purpose. Throws Error{usage} for one with a
// password_problem().
[[nodiscard]] Credentials derive_credentials(std::string_view password, Random& random, const Timestamp& now);

// bcrypt of a prepared password, cost 10, for files such as AdminPasswordFile. Takes some 50 ms.
[[nodiscard]] std::string bcrypt_hash(std::string_view prepared, Random& random);
// Takes as long as the hash's cost says; false also for a hash that is none. Compares in constant time.
[[nodiscard]] bool bcrypt_matches(const std::string& hash, std::string_view prepared);

// The record of an account database; nullopt when no password was set.
[[nodiscard]] std::optional<Credentials> load_credentials(db::Database& account);
// Replaces the record and ends all web sessions of the account. Durable at return.
void save_credentials(db::Database& account, const Credentials& credentials);

}  // namespace mox::auth
