#include "store/schema.hpp"

#include <array>

namespace mox::store {

namespace {

// Times are Unix seconds. Booleans are 0 and 1. Names are UTF-8 in NFC. `keywords` are lower case, sorted, separated by
// single spaces. Domains are lower-case Unicode. A seal covers every other column of its row.
constexpr std::string_view step_1 = R"sql(
-- Counters of the account; one row.
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    next_message_id INTEGER NOT NULL,         -- above every id ever used
    next_uidvalidity INTEGER NOT NULL,        -- above every UIDVALIDITY ever used
    last_modseq INTEGER NOT NULL,             -- RFC 7162; of the newest change
    highest_deleted_modseq INTEGER NOT NULL,  -- tombstones up to this modseq may have been pruned
    message_size INTEGER NOT NULL,            -- sum of the sizes of all placements' messages, for quota
    trains INTEGER NOT NULL,                  -- 1: placements have trained states and changes are logged
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('account', id, next_message_id, next_uidvalidity, last_modseq,
        highest_deleted_modseq, message_size, trains)) STORED
) STRICT;

CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,     -- never used twice: placements remember mailboxes that are gone
    parent_id INTEGER REFERENCES mailbox (id),
    name TEXT NOT NULL,                       -- full name, parts separated by '/'
    uidvalidity INTEGER NOT NULL,
    uidnext INTEGER NOT NULL,
    special_use INTEGER NOT NULL,             -- bits: 1 archive, 2 drafts, 4 junk, 8 sent, 16 trash
    keywords TEXT NOT NULL,                   -- all ever used in it; none is ever removed
    count_total INTEGER NOT NULL,             -- without \Deleted
    count_deleted INTEGER NOT NULL,
    count_unread INTEGER NOT NULL,            -- neither \Seen nor \Deleted
    count_unseen INTEGER NOT NULL,            -- without \Seen
    size INTEGER NOT NULL,                    -- bytes of all its messages
    createseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    expunged INTEGER NOT NULL,                -- 1: deleted, the row is kept for synchronisation
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('mailbox', id, parent_id, name, uidvalidity, uidnext, special_use,
        keywords, count_total, count_deleted, count_unread, count_unseen, size, createseq, modseq, expunged)) STORED
) STRICT;
CREATE UNIQUE INDEX mailbox_name ON mailbox (name) WHERE expunged = 0;

CREATE TABLE subscription (
    name TEXT PRIMARY KEY,                    -- whether or not such a mailbox exists
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('subscription', name)) STORED
) STRICT, WITHOUT ROWID;

-- What a message is. Its contents are `prefix` followed by the file msg/<folder>/<id>.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,                    -- bytes of prefix and file
    prefix BLOB NOT NULL,
    file_sha256 BLOB NOT NULL,                -- of the file alone
    received INTEGER NOT NULL,
    received_nanoseconds INTEGER NOT NULL,
    received_offset INTEGER NOT NULL,         -- minutes east of UTC
    message_id TEXT NOT NULL,                 -- canonical Message-ID, '' without
    subject_base TEXT NOT NULL,               -- base subject of threading
    thread_id INTEGER NOT NULL,               -- id of the thread's first message, which may be gone
    thread_parent INTEGER,                    -- id of the message answered, which may be gone; NULL for a root
    thread_missing_link INTEGER NOT NULL,     -- 1: the parent was found other than by the nearest reference
    preview TEXT,
    structure BLOB,                           -- mime::encode(); NULL: not parsed yet
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('message', id, size, prefix, file_sha256, received,
        received_nanoseconds, received_offset, message_id, subject_base, thread_id, thread_parent, thread_missing_link,
        preview, structure)) STORED
) STRICT;
CREATE INDEX message_message_id ON message (message_id) WHERE message_id <> '';
CREATE INDEX message_subject_base ON message (subject_base) WHERE subject_base <> '';
CREATE INDEX message_thread ON message (thread_id);

-- How a message arrived by SMTP, and what was validated then; basis of reputation. Not for imported messages.
CREATE TABLE delivery (
    message_id INTEGER PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE,
    remote_ip TEXT NOT NULL,
    remote_ip_masked1 TEXT NOT NULL,          -- /32 or /64; the three are '' for forwarded mail
    remote_ip_masked2 TEXT NOT NULL,          -- /26 or /48
    remote_ip_masked3 TEXT NOT NULL,          -- /21 or /32
    ehlo_domain TEXT NOT NULL,
    mail_from TEXT NOT NULL,
    mail_from_localpart TEXT NOT NULL,
    mail_from_domain TEXT NOT NULL,
    rcpt_to_localpart TEXT NOT NULL,
    rcpt_to_domain TEXT NOT NULL,
    msg_from_localpart TEXT NOT NULL,
    msg_from_domain TEXT NOT NULL,
    msg_from_org_domain TEXT NOT NULL,
    ehlo_validated INTEGER NOT NULL,
    mail_from_validated INTEGER NOT NULL,
    msg_from_validated INTEGER NOT NULL,
    ehlo_validation INTEGER NOT NULL,         -- 0 unknown, 1 strict, 2 dmarc, 3 relaxed, 4 pass, 5 neutral, 6 temperror,
    mail_from_validation INTEGER NOT NULL,    -- 7 permerror, 8 fail, 9 softfail, 10 none
    msg_from_validation INTEGER NOT NULL,
    dkim_domains TEXT NOT NULL,               -- verified signers, separated by spaces
    orig_ehlo_domain TEXT NOT NULL,           -- of forwarded mail
    orig_dkim_domains TEXT NOT NULL,
    is_mailing_list INTEGER NOT NULL,
    is_dsn INTEGER NOT NULL,
    tls_version INTEGER NOT NULL,             -- as on the wire, 0 without TLS
    tls_cipher_suite INTEGER NOT NULL,
    require_tls INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('delivery', message_id, remote_ip, remote_ip_masked1,
        remote_ip_masked2, remote_ip_masked3, ehlo_domain, mail_from, mail_from_localpart, mail_from_domain,
        rcpt_to_localpart, rcpt_to_domain, msg_from_localpart, msg_from_domain, msg_from_org_domain, ehlo_validated,
        mail_from_validated, msg_from_validated, ehlo_validation, mail_from_validation, msg_from_validation, dkim_domains,
        orig_ehlo_domain, orig_dkim_domains, is_mailing_list, is_dsn, tls_version, tls_cipher_suite, require_tls)) STORED
) STRICT;
CREATE INDEX delivery_ip1 ON delivery (remote_ip_masked1) WHERE remote_ip_masked1 <> '';
CREATE INDEX delivery_ip2 ON delivery (remote_ip_masked2) WHERE remote_ip_masked2 <> '';
CREATE INDEX delivery_ip3 ON delivery (remote_ip_masked3) WHERE remote_ip_masked3 <> '';
CREATE INDEX delivery_ehlo ON delivery (ehlo_domain) WHERE ehlo_domain <> '';
CREATE INDEX delivery_mail_from ON delivery (mail_from_domain, mail_from_localpart) WHERE mail_from_domain <> '';
CREATE INDEX delivery_msg_from ON delivery (msg_from_domain, msg_from_localpart) WHERE msg_from_domain <> '';
CREATE INDEX delivery_msg_from_org ON delivery (msg_from_org_domain) WHERE msg_from_org_domain <> '';
-- The domains of delivery.dkim_domains, one a row, for look-up.
CREATE TABLE delivery_dkim (
    domain TEXT NOT NULL,
    message_id INTEGER NOT NULL REFERENCES delivery (message_id) ON DELETE CASCADE,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('delivery_dkim', domain, message_id)) STORED,
    PRIMARY KEY (domain, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_dkim_message ON delivery_dkim (message_id);

-- Where a message lies: one row makes it visible in one mailbox. Copies share message and file.
CREATE TABLE placement (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    uid INTEGER NOT NULL,
    message_id INTEGER NOT NULL REFERENCES message (id),
    flags INTEGER NOT NULL,                   -- bits: model::Flag
    keywords TEXT NOT NULL,
    modseq INTEGER NOT NULL,
    createseq INTEGER NOT NULL,
    save_date INTEGER,                        -- RFC 8514; NULL: not known
    mailbox_orig_id INTEGER NOT NULL,         -- mailbox first delivered to; may be gone
    mailbox_destined_id INTEGER NOT NULL,     -- of a reject: mailbox it was meant for; 0: none; may be gone
    is_reject INTEGER NOT NULL,
    is_forward INTEGER NOT NULL,
    muted INTEGER NOT NULL,                   -- of its thread
    collapsed INTEGER NOT NULL,
    trained INTEGER NOT NULL,                 -- 0 untrained, 1 as junk, 2 as ham
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('placement', mailbox_id, uid, message_id, flags, keywords, modseq,
        createseq, save_date, mailbox_orig_id, mailbox_destined_id, is_reject, is_forward, muted, collapsed, trained)) STORED,
    PRIMARY KEY (mailbox_id, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX placement_message ON placement (message_id);
CREATE INDEX placement_modseq ON placement (mailbox_id, modseq);
CREATE INDEX placement_thread_state ON placement (message_id) WHERE muted = 1 OR collapsed = 1;

-- What an expunge leaves for clients that were away (VANISHED, RFC 7162). May be pruned, oldest first.
CREATE TABLE tombstone (
    mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
    modseq INTEGER NOT NULL,
    uid INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('tombstone', mailbox_id, modseq, uid)) STORED,
    PRIMARY KEY (mailbox_id, modseq, uid)
) STRICT, WITHOUT ROWID;

-- Messages without placements, whose files wait for the eraser.
CREATE TABLE erase_queue (
    message_id INTEGER PRIMARY KEY REFERENCES message (id),
    modseq INTEGER NOT NULL,                  -- of the expunge
    queued INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('erase_queue', message_id, modseq, queued)) STORED
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

-- Changes of trained states that the junk filter has not applied yet, oldest first.
CREATE TABLE training_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER NOT NULL REFERENCES message (id),
    from_state INTEGER NOT NULL,              -- as placement.trained
    to_state INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('training_log', id, message_id, from_state, to_state)) STORED
) STRICT;
CREATE INDEX training_log_message ON training_log (message_id);

-- Addresses that messages in the Sent mailbox went to: mail from them is expected.
CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    localpart TEXT NOT NULL,
    domain TEXT NOT NULL,
    org_domain TEXT NOT NULL,
    sent INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('recipient', id, message_id, localpart, domain, org_domain,
        sent)) STORED
) STRICT;
CREATE INDEX recipient_message ON recipient (message_id);
CREATE INDEX recipient_address ON recipient (domain, localpart);
CREATE INDEX recipient_org_domain ON recipient (org_domain);

-- One row for each recipient of submitted mail, for the limits on outgoing mail.
CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY,
    recipient TEXT NOT NULL,
    submitted INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('outgoing', id, recipient, submitted)) STORED
) STRICT;
CREATE INDEX outgoing_recipient ON outgoing (recipient, submitted);
CREATE INDEX outgoing_submitted ON outgoing (submitted);

-- What is derived from the password; one row at most.
CREATE TABLE credential (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    bcrypt TEXT NOT NULL,
    cram_md5_ipad BLOB,                       -- MD5 states after the first block of HMAC; NULL: mechanism not available
    cram_md5_opad BLOB,
    scram_sha1_salt BLOB,
    scram_sha1_iterations INTEGER,
    scram_sha1_salted_password BLOB,
    scram_sha256_salt BLOB,
    scram_sha256_iterations INTEGER,
    scram_sha256_salted_password BLOB,
    changed INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('credential', id, bcrypt, cram_md5_ipad, cram_md5_opad,
        scram_sha1_salt, scram_sha1_iterations, scram_sha1_salted_password, scram_sha256_salt, scram_sha256_iterations,
        scram_sha256_salted_password, changed)) STORED
) STRICT;

CREATE TABLE login_session (
    id INTEGER PRIMARY KEY,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    session_token BLOB NOT NULL,
    csrf_token BLOB NOT NULL,
    login_address TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('login_session', id, created, expires, session_token,
        csrf_token, login_address)) STORED
) STRICT;

-- Keys of "subject pass" tokens, by canonical recipient address.
CREATE TABLE subjectpass (
    email TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('subjectpass', email, key)) STORED
) STRICT, WITHOUT ROWID;

-- IMAP METADATA (RFC 5464).
CREATE TABLE annotation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox_id INTEGER REFERENCES mailbox (id),  -- NULL: of the account
    key TEXT NOT NULL,                        -- lower case
    is_string INTEGER NOT NULL,
    value BLOB,
    createseq INTEGER NOT NULL,
    modseq INTEGER NOT NULL,
    expunged INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('annotation', id, mailbox_id, key, is_string, value, createseq,
        modseq, expunged)) STORED
) STRICT;
CREATE UNIQUE INDEX annotation_key ON annotation (coalesce(mailbox_id, 0), key) WHERE expunged = 0;

-- Settings of the web mail client, and what its user answered to questions about rules.
CREATE TABLE settings (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    signature TEXT NOT NULL,
    quoting TEXT NOT NULL,
    show_address_security INTEGER NOT NULL,
    show_html INTEGER NOT NULL,
    no_show_shortcuts INTEGER NOT NULL,
    show_headers TEXT NOT NULL,               -- names separated by spaces
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('settings', id, signature, quoting, show_address_security,
        show_html, no_show_shortcuts, show_headers)) STORED
) STRICT;
CREATE TABLE from_address_settings (
    from_address TEXT PRIMARY KEY,
    view_mode TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('from_address_settings', from_address, view_mode)) STORED
) STRICT, WITHOUT ROWID;
CREATE TABLE ruleset_no_list_id (
    id INTEGER PRIMARY KEY,
    rcpt_to_address TEXT NOT NULL,
    list_id TEXT NOT NULL,
    to_inbox INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('ruleset_no_list_id', id, rcpt_to_address, list_id,
        to_inbox)) STORED
) STRICT;
CREATE TABLE ruleset_no_msg_from (
    id INTEGER PRIMARY KEY,
    rcpt_to_address TEXT NOT NULL,
    msg_from_address TEXT NOT NULL,
    to_inbox INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('ruleset_no_msg_from', id, rcpt_to_address,
        msg_from_address, to_inbox)) STORED
) STRICT;
CREATE TABLE ruleset_no_mailbox (
    id INTEGER PRIMARY KEY,
    mailbox_id INTEGER NOT NULL,
    to_mailbox INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('ruleset_no_mailbox', id, mailbox_id, to_mailbox)) STORED
) STRICT;

-- What is known of TLS at recipients' domains, for people who compose.
CREATE TABLE recipient_domain_tls (
    domain TEXT PRIMARY KEY,
    updated INTEGER NOT NULL,
    starttls INTEGER NOT NULL,
    require_tls INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('recipient_domain_tls', domain, updated, starttls,
        require_tls)) STORED
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::array<std::string_view, 1> steps{step_1};

constexpr db::Schema schema{.application_id = 0x6d6f7841, .kind = "account database", .steps = steps};  // "moxA"

}  // namespace

const db::Schema& account_schema() {
    return schema;
}

}  // namespace mox::store
