#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "datadir/layout.hpp"
#include "db/database.hpp"
#include "db/schema.hpp"

// auth.db: what concerns logging in and must survive a restart, for all accounts of a data directory. Login sessions
// and passwords are in the account databases.

namespace mox::auth {

// Application id "moxU". docs/databases.md explains its tables.
[[nodiscard]] const db::Schema& auth_schema();
// Opens <data directory>/auth.db.
[[nodiscard]] db::Database open_auth(const datadir::Layout& layout, const db::OpenOptions& options);

// A login, and how often the same one came: equal in everything but times and count, on one day (UTC).
struct LoginAttempt {
    std::int64_t first = 0, last = 0;  // Unix seconds
    std::int64_t count = 1;
    std::string account;  // empty: not known
    std::string login_address;
    std::string remote_ip, local_ip;
    std::string tls;  // version, cipher suite and more, for people; empty without TLS
    std::string tls_key_fingerprint;
    std::string protocol;  // "imap", "smtp", "submission", "webmail", …
    std::string user_agent;
    std::string mechanism;  // "plain", "scram-sha-256", …
    std::string result;     // "ok", "badcreds", …
};
// Adds `attempt`, or counts it with an earlier one.
void add_login_attempt(db::Database& database, const LoginAttempt& attempt);
// Newest first; of one account when given.
[[nodiscard]] std::vector<LoginAttempt> login_attempts(db::Database& database, std::optional<std::string_view> account,
                                                       int limit);
// Removes those whose last time is before `before`; returns how many.
std::int64_t forget_login_attempts(db::Database& database, std::int64_t before);

// A key that a TLS client may log in with.
struct TlsPublicKey {
    std::string fingerprint;  // SHA-256 of the subject public key info, base64url
    std::int64_t created = 0;
    std::string type;  // "ecdsa-p256", …
    std::string name;  // for its owner
    bool no_imap_preauth = false;
    std::string certificate_der;
    std::string account;
    std::string login_address;
};
// Errc::failed when there is one with this fingerprint.
void add_tls_public_key(db::Database& database, const TlsPublicKey& key);
[[nodiscard]] std::vector<TlsPublicKey> tls_public_keys(db::Database& database);
// False: there was none.
bool remove_tls_public_key(db::Database& database, std::string_view fingerprint);

// Accounts whose files are to be removed by the next start of the server.
void add_account_removal(db::Database& database, std::string_view account);
[[nodiscard]] std::vector<std::string> account_removals(db::Database& database);
bool finish_account_removal(db::Database& database, std::string_view account);

}  // namespace mox::auth
