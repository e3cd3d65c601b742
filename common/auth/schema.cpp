#include <array>

#include "auth/auth_db.hpp"

namespace mox::auth {

namespace {

// Times are Unix seconds. Booleans are 0 and 1. A seal covers every other column of its row.
constexpr std::string_view step_1 = R"sql(
-- Logins, successful or not. `key` is a hash of all that makes two of them the same, the day included.
CREATE TABLE login_attempt (
    key BLOB PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL,
    account TEXT NOT NULL,                    -- '': not known
    login_address TEXT NOT NULL,
    remote_ip TEXT NOT NULL,
    local_ip TEXT NOT NULL,
    tls TEXT NOT NULL,                        -- for people; '' without TLS
    tls_key_fingerprint TEXT NOT NULL,
    protocol TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    mechanism TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_attempt_account ON login_attempt (account, last);
CREATE INDEX login_attempt_last ON login_attempt (last);

-- How many failed logins an account has in login_attempt: the number kept is limited.
CREATE TABLE login_attempt_state (
    account TEXT PRIMARY KEY,
    failed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tls_public_key (
    fingerprint TEXT PRIMARY KEY,             -- SHA-256 of the subject public key info, base64url
    created INTEGER NOT NULL,
    type TEXT NOT NULL,
    name TEXT NOT NULL,                       -- for its owner
    no_imap_preauth INTEGER NOT NULL,         -- 1: an IMAP client with it still has to authenticate
    certificate_der BLOB NOT NULL,
    account TEXT NOT NULL,
    login_address TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('tls_public_key', fingerprint, created, type, name,
        no_imap_preauth, certificate_der, account, login_address)) STORED
) STRICT, WITHOUT ROWID;
CREATE INDEX tls_public_key_account ON tls_public_key (account);

-- Accounts that are gone from the configuration and whose files are to be removed.
CREATE TABLE account_removal (
    account TEXT PRIMARY KEY,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('account_removal', account)) STORED
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<std::string_view, 1> steps{step_1};

constexpr db::Schema schema{.application_id = 0x6d6f7855, .kind = "authentication database", .steps = steps};  // "moxU"

}  // namespace

const db::Schema& auth_schema() {
    return schema;
}

db::Database open_auth(const datadir::Layout& layout, const db::OpenOptions& options) {
    db::OpenOptions chosen = options;
    chosen.ownership = datadir::ownership_of(layout.root());
    return db::open(layout.auth_db(), schema, chosen);
}

}  // namespace mox::auth
