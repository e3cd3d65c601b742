#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// What one client may ask of an IMAP session.

namespace mox::imap {

inline constexpr std::size_t max_line_bytes = 16'384;  // of a command, without its literals
inline constexpr std::size_t max_literal_bytes = 102'400;
inline constexpr std::size_t max_unauthenticated_literal_bytes = 4096;  // names and passwords
inline constexpr std::size_t max_literals = 64;                         // in one command
inline constexpr std::size_t max_command_bytes = 262'144;               // with its literals

inline constexpr std::int64_t max_message_bytes = std::int64_t{1} << 30;   // APPENDLIMIT, RFC 7889
inline constexpr std::size_t max_appended_messages = 1000;                 // of one APPEND
inline constexpr std::size_t max_catenated_parts = 1000;                   // of one message, RFC 4469
inline constexpr std::int64_t max_appended_bytes = 2 * max_message_bytes;  // likewise

// Searches of a session that are kept up to date (RFC 5267 section 4.3): how many, results of all, and for each its
// keys and the bytes of numbers and texts in them.
inline constexpr std::size_t max_contexts = 10;
inline constexpr std::size_t max_context_results = 1'000'000;
inline constexpr std::size_t max_context_keys = 100;
inline constexpr std::size_t max_context_bytes = 16'384;

inline constexpr int max_unauthenticated_errors = 10;  // commands that are none, before the connection is closed
inline constexpr int max_errors = 1000;                // the same after the login
inline constexpr int max_failed_logins = 5;            // on one connection

inline constexpr std::chrono::seconds unauthenticated_patience{30};
inline constexpr std::chrono::seconds login_time_limit{2 * 60};  // from the connection to the login
inline constexpr std::chrono::seconds append_patience{30};       // without a byte of a message that is being appended
inline constexpr std::chrono::seconds authenticated_patience{30 * 60};  // RFC 9051 section 5.4

}  // namespace mox::imap
