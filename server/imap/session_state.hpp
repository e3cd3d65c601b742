#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/clock.hpp"
#include "server/auth/attempt_limiter.hpp"
#include "server/auth/sasl.hpp"
#include "server/imap/accounts.hpp"
#include "server/imap/limits.hpp"

// What a session is told when it begins, and what its client has asked for since.

namespace mox::imap {

// What all sessions share; outlives them.
struct Environment {
    login::Users& users;
    login::AttemptLimiter& attempts;
    Accounts& accounts;
    const Clock& clock;
    std::string hostname;
    std::string secret;  // as login::Environment has it
    std::string version;
    std::int64_t most_appended_bytes = max_appended_bytes;  // by one APPEND
    std::function<bool(const std::string& hash, std::string_view password)> matches = auth::bcrypt_matches;
};

// What differs between listeners.
struct Settings {
    bool starttls = false;              // can be had
    bool plain_text_passwords = false;  // NoRequireSTARTTLS
};

enum class State { not_authenticated, authenticated, selected };

// What a client has asked for with ENABLE or otherwise.
struct Enabled {
    bool condstore = false;  // RFC 7162
    bool qresync = false;
    bool rev2 = false;  // IMAP4rev2, RFC 9051
    bool utf8 = false;  // UTF8=ACCEPT, RFC 6855
    // Names and strings may be UTF-8 in quotes.
    [[nodiscard]] bool utf8_strings() const { return rev2 || utf8; }
};

// Which changes by others are told at the end of a command (RFC 9051 section 7.5.1): no_expunges keeps message numbers.
enum class Updates { none, no_expunges, all };
enum class Progress { more, done };

// Output that a client has not read yet keeps further steps and commands waiting.
inline constexpr std::size_t enough_output = 65'536;

}  // namespace mox::imap
