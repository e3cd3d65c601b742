#include "queue/schema.hpp"

#include <array>

namespace mox::queue {

namespace {

// Times are Unix seconds, with nanoseconds beside them where the order of events matters. Booleans are 0 and 1. Domains
// are lower-case Unicode, or an address literal: "[192.0.2.1]", "[IPv6:2001:db8::1]". A seal covers every other column.
constexpr std::string_view step_1 = R"sql(
-- Counters of the queue; one row.
CREATE TABLE queue (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_message_id INTEGER NOT NULL,         -- above every id ever used, also by blocks that were given up
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('queue', id, next_message_id)) STORED
) STRICT;
INSERT INTO queue (id, next_message_id) VALUES (1, 1);

-- One message to one recipient, from its submission until it is forgotten. Exactly one of the tables pending and
-- retired has a row with its id.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,                   -- names the file while it is pending
    base_id INTEGER NOT NULL,                 -- id of the first of several recipients of one submission, which may be
                                              -- gone; 0: there was only one
    queued INTEGER NOT NULL,
    queued_nanoseconds INTEGER NOT NULL,
    sender_account TEXT NOT NULL,             -- gets notifications of delay and failure
    sender_localpart TEXT NOT NULL,           -- MAIL FROM; '' with an empty domain: the null sender
    sender_domain TEXT NOT NULL,
    from_id TEXT NOT NULL,                    -- unique id in the localpart of the sender; '' without
    recipient_localpart TEXT NOT NULL,
    recipient_domain TEXT NOT NULL,
    attempts INTEGER NOT NULL,                -- begun; may exceed the rows in attempt when old ones are not known
    max_attempts INTEGER NOT NULL,            -- 0: the server's default
    last_attempt INTEGER,                     -- begin of the last one
    last_attempt_nanoseconds INTEGER,
    has_8bit INTEGER NOT NULL,                -- contents need 8BITMIME
    smtputf8 INTEGER NOT NULL,
    is_dmarc_report INTEGER NOT NULL,         -- failures of such reports are not reported
    is_tls_report INTEGER NOT NULL,
    size INTEGER NOT NULL,                    -- bytes of prefix and file
    message_id TEXT NOT NULL,                 -- canonical Message-ID, '' without
    subject TEXT NOT NULL,
    transport TEXT NOT NULL,                  -- name of the configured transport asked for; '': by the routes
    require_tls INTEGER,                      -- RFC 8689; 0: "TLS-Required: No", 1: REQUIRETLS, NULL: neither
    future_release_request TEXT NOT NULL,     -- RFC 4865: "for;" or "until;" and its parameter; '' without
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('message', id, base_id, queued, queued_nanoseconds,
        sender_account, sender_localpart, sender_domain, from_id, recipient_localpart, recipient_domain, attempts,
        max_attempts, last_attempt, last_attempt_nanoseconds, has_8bit, smtputf8, is_dmarc_report, is_tls_report, size,
        message_id, subject, transport, require_tls, future_release_request)) STORED
) STRICT;
CREATE INDEX message_base ON message (base_id) WHERE base_id <> 0;
CREATE INDEX message_from_id ON message (from_id) WHERE from_id <> '';

-- What a message needs until it is delivered or given up. Its contents are `prefix` followed by the file
-- queue/<folder>/<id>.
CREATE TABLE pending (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    file_sha256 BLOB NOT NULL,                -- of the file alone
    prefix BLOB NOT NULL,
    dsn_utf8 BLOB,                            -- other contents for servers that know SMTPUTF8, of a notification
    hold INTEGER NOT NULL,                    -- 1: no attempts until an administrator or a rule says so
    next_attempt INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('pending', message_id, file_sha256, prefix, dsn_utf8, hold,
        next_attempt)) STORED
) STRICT;
CREATE INDEX pending_next_attempt ON pending (next_attempt) WHERE hold = 0;

-- What is remembered of a message that is delivered or given up; it has no file.
CREATE TABLE retired (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    recipient_address TEXT NOT NULL,          -- for look-up
    success INTEGER NOT NULL,                 -- 1: delivered
    last_activity INTEGER NOT NULL,
    last_activity_nanoseconds INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,              -- then the row may be removed
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('retired', message_id, recipient_address, success,
        last_activity, last_activity_nanoseconds, keep_until)) STORED
) STRICT;
CREATE INDEX retired_recipient ON retired (recipient_address, last_activity);
CREATE INDEX retired_last_activity ON retired (last_activity);
CREATE INDEX retired_keep_until ON retired (keep_until);

-- Attempts at delivery and what came of them.
CREATE TABLE attempt (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                  -- 1, 2, … in order of time
    started INTEGER NOT NULL,
    started_nanoseconds INTEGER NOT NULL,
    duration INTEGER NOT NULL,                -- nanoseconds
    success INTEGER NOT NULL,
    code INTEGER NOT NULL,                    -- SMTP reply, 0 without
    secode TEXT NOT NULL,                     -- enhanced status code without its class, '' without
    error TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('attempt', message_id, number, started, started_nanoseconds,
        duration, success, code, secode, error)) STORED,
    PRIMARY KEY (message_id, number)
) STRICT, WITHOUT ROWID;

-- Addresses tried, so that the next attempt can take another one.
CREATE TABLE dialed_ip (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    number INTEGER NOT NULL,                  -- 1, 2, … in order of time; an address may come again
    ip TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('dialed_ip', message_id, host, number, ip)) STORED,
    PRIMARY KEY (message_id, host, number)
) STRICT, WITHOUT ROWID;

-- What the submitter attached (X-Mox-Extra-<name>), for web hooks.
CREATE TABLE message_extra (
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('message_extra', message_id, name, value)) STORED,
    PRIMARY KEY (message_id, name)
) STRICT, WITHOUT ROWID;

-- Messages that were removed or retired, whose files wait for the eraser.
CREATE TABLE erase_queue (
    message_id INTEGER PRIMARY KEY,
    queued INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('erase_queue', message_id, queued)) STORED
) STRICT;

-- Message ids that a process uses just now (journal): files of the range may exist without rows. The row lives as long
-- as the lock file reservation-<lock_number> is locked and holds lock_token.
CREATE TABLE id_block (
    first_id INTEGER PRIMARY KEY,
    last_id INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    lock_number INTEGER NOT NULL,
    lock_token TEXT NOT NULL,
    started INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('id_block', first_id, last_id, purpose, lock_number, lock_token,
        started)) STORED
) STRICT;

-- New messages that match are put on hold. '' matches everything.
CREATE TABLE hold_rule (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    sender_domain TEXT NOT NULL,
    recipient_domain TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('hold_rule', id, account, sender_domain,
        recipient_domain)) STORED
) STRICT;

-- Calls of web hooks: of incoming mail, or of events of outgoing mail. Exactly one of hook_pending and hook_retired has
-- a row with its id.
CREATE TABLE hook (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue_message_id INTEGER NOT NULL,        -- of an event: the message, which may be gone; 0 for incoming mail
    from_id TEXT NOT NULL,
    message_id TEXT NOT NULL,                 -- canonical Message-ID
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    url TEXT NOT NULL,
    is_incoming INTEGER NOT NULL,
    outgoing_event TEXT NOT NULL,             -- '' for incoming mail
    payload TEXT NOT NULL,                    -- JSON, as it is sent
    submitted INTEGER NOT NULL,
    submitted_nanoseconds INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('hook', id, queue_message_id, from_id, message_id, subject,
        account, url, is_incoming, outgoing_event, payload, submitted, submitted_nanoseconds, attempts)) STORED
) STRICT;
CREATE INDEX hook_queue_message ON hook (queue_message_id) WHERE queue_message_id <> 0;
CREATE INDEX hook_submitted ON hook (submitted);

CREATE TABLE hook_pending (
    hook_id INTEGER PRIMARY KEY REFERENCES hook (id) ON DELETE CASCADE,
    authorization TEXT NOT NULL,              -- value of the Authorization header, '' without
    next_attempt INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('hook_pending', hook_id, authorization, next_attempt)) STORED
) STRICT;
CREATE INDEX hook_pending_next_attempt ON hook_pending (next_attempt);

CREATE TABLE hook_retired (
    hook_id INTEGER PRIMARY KEY REFERENCES hook (id) ON DELETE CASCADE,
    account TEXT NOT NULL,                    -- as hook.account, for look-up
    authorized INTEGER NOT NULL,              -- 1: there was an Authorization header
    superseded_by_id INTEGER NOT NULL,        -- newer hook that made this one needless, which may be gone; 0 without
    success INTEGER NOT NULL,
    last_activity INTEGER NOT NULL,
    last_activity_nanoseconds INTEGER NOT NULL,
    keep_until INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('hook_retired', hook_id, account, authorized, superseded_by_id,
        success, last_activity, last_activity_nanoseconds, keep_until)) STORED
) STRICT;
CREATE INDEX hook_retired_account ON hook_retired (account, last_activity);
CREATE INDEX hook_retired_last_activity ON hook_retired (last_activity);
CREATE INDEX hook_retired_keep_until ON hook_retired (keep_until);

CREATE TABLE hook_attempt (
    hook_id INTEGER NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,                  -- 1, 2, … in order of time
    started INTEGER NOT NULL,
    started_nanoseconds INTEGER NOT NULL,
    duration INTEGER NOT NULL,                -- nanoseconds
    url TEXT NOT NULL,                        -- as called
    success INTEGER NOT NULL,
    code INTEGER NOT NULL,                    -- HTTP status, 0 without
    error TEXT NOT NULL,
    response TEXT NOT NULL,                   -- first bytes of the body
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('hook_attempt', hook_id, number, started, started_nanoseconds,
        duration, url, success, code, error, response)) STORED,
    PRIMARY KEY (hook_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE hook_extra (
    hook_id INTEGER NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('hook_extra', hook_id, name, value)) STORED,
    PRIMARY KEY (hook_id, name)
) STRICT, WITHOUT ROWID;

-- Addresses that an account may not send to, after failures or by hand.
CREATE TABLE suppression (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created INTEGER NOT NULL,
    account TEXT NOT NULL,
    base_address TEXT NOT NULL,               -- without what follows '+', '-' or the like, dots removed, lower case
    original_address TEXT NOT NULL,
    manual INTEGER NOT NULL,                  -- 1: an administrator or user added it
    reason TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('suppression', id, created, account, base_address,
        original_address, manual, reason)) STORED
) STRICT;
CREATE UNIQUE INDEX suppression_address ON suppression (account, base_address);
)sql";

constexpr std::array<std::string_view, 1> steps{step_1};

constexpr db::Schema schema{.application_id = 0x6d6f7851, .kind = "queue database", .steps = steps};  // "moxQ"

}  // namespace

const db::Schema& queue_schema() {
    return schema;
}

}  // namespace mox::queue
