#include "auth/auth_db.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"

namespace mox::auth {

namespace {

constexpr std::int64_t day = 24 * 60 * 60;

// The same for logins that are to be counted as one. What is hashed is on disk.
Sha256Digest key_of(const LoginAttempt& attempt) {
    Sha256 hash;
    const auto add = [&](std::string_view text) {
        hash.update(as_bytes(std::to_string(text.size()) + ":"));
        hash.update(as_bytes(text));
    };
    for (const auto& text : {attempt.account, attempt.login_address, attempt.remote_ip, attempt.local_ip, attempt.tls,
                             attempt.tls_key_fingerprint, attempt.protocol, attempt.user_agent, attempt.mechanism,
                             attempt.result, std::to_string(attempt.first / day)})
        add(text);
    return hash.finish();
}

}  // namespace

void add_login_attempt(db::Database& database, const LoginAttempt& attempt) {
    const Sha256Digest key = key_of(attempt);
    db::Transaction tx(database);
    const bool known = database.value<int>("SELECT 1 FROM login_attempt WHERE key = ?", db::Blob(key)).has_value();
    database.run(
        "INSERT INTO login_attempt (key, first, last, count, account, login_address, remote_ip, local_ip, tls,"
        " tls_key_fingerprint, protocol, user_agent, mechanism, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?)"
        " ON CONFLICT (key) DO UPDATE SET count = count + excluded.count, last = max(last, excluded.last),"
        " first = min(first, excluded.first)",
        db::Blob(key), attempt.first, attempt.last, attempt.count, attempt.account, attempt.login_address,
        attempt.remote_ip, attempt.local_ip, attempt.tls, attempt.tls_key_fingerprint, attempt.protocol,
        attempt.user_agent, attempt.mechanism, attempt.result);
    if (!known && attempt.result != "ok")
        database.run(
            "INSERT INTO login_attempt_state (account, failed) VALUES (?, 1)"
            " ON CONFLICT (account) DO UPDATE SET failed = failed + 1",
            attempt.account);
    tx.commit();
}

std::vector<LoginAttempt> login_attempts(db::Database& database, std::optional<std::string_view> account, int limit) {
    db::Statement row = database.prepare(
        account ? "SELECT first, last, count, account, login_address, remote_ip, local_ip, tls, tls_key_fingerprint,"
                  " protocol, user_agent, mechanism, result FROM login_attempt WHERE account = ?1"
                  " ORDER BY last DESC LIMIT ?2"
                : "SELECT first, last, count, account, login_address, remote_ip, local_ip, tls, tls_key_fingerprint,"
                  " protocol, user_agent, mechanism, result FROM login_attempt WHERE ?1 IS NULL"
                  " ORDER BY last DESC LIMIT ?2");
    row.bind(account, limit > 0 ? limit : -1);
    std::vector<LoginAttempt> result;
    while (row.step())
        result.push_back({.first = row.column<std::int64_t>(0),
                          .last = row.column<std::int64_t>(1),
                          .count = row.column<std::int64_t>(2),
                          .account = row.column<std::string>(3),
                          .login_address = row.column<std::string>(4),
                          .remote_ip = row.column<std::string>(5),
                          .local_ip = row.column<std::string>(6),
                          .tls = row.column<std::string>(7),
                          .tls_key_fingerprint = row.column<std::string>(8),
                          .protocol = row.column<std::string>(9),
                          .user_agent = row.column<std::string>(10),
                          .mechanism = row.column<std::string>(11),
                          .result = row.column<std::string>(12)});
    return result;
}

std::int64_t forget_login_attempts(db::Database& database, std::int64_t before) {
    db::Transaction tx(database);
    const auto count = database.run("DELETE FROM login_attempt WHERE last < ?", before);
    database.run("DELETE FROM login_attempt_state");
    database.run(
        "INSERT INTO login_attempt_state (account, failed)"
        " SELECT account, count(*) FROM login_attempt WHERE result <> 'ok' GROUP BY account");
    tx.commit();
    return count;
}

void add_tls_public_key(db::Database& database, const TlsPublicKey& key) {
    db::Transaction tx(database);
    if (database.value<int>("SELECT 1 FROM tls_public_key WHERE fingerprint = ?", key.fingerprint))
        throw Error(Errc::failed, "TLS public key " + quote(key.fingerprint) + " exists");
    database.run(
        "INSERT INTO tls_public_key (fingerprint, created, type, name, no_imap_preauth, certificate_der, account,"
        " login_address) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        key.fingerprint, key.created, key.type, key.name, key.no_imap_preauth, db::Blob(key.certificate_der),
        key.account, key.login_address);
    tx.commit();
}

std::vector<TlsPublicKey> tls_public_keys(db::Database& database) {
    std::vector<TlsPublicKey> result;
    for (auto&& [fingerprint, created, type, name, no_preauth, certificate, account, login_address] :
         database
             .rows<std::string, std::int64_t, std::string, std::string, bool, std::string, std::string, std::string>(
                 "SELECT fingerprint, created, type, name, no_imap_preauth, certificate_der, account,"
                 " login_address FROM tls_public_key ORDER BY account, created, fingerprint"))
        result.push_back({.fingerprint = fingerprint,
                          .created = created,
                          .type = type,
                          .name = name,
                          .no_imap_preauth = no_preauth,
                          .certificate_der = certificate,
                          .account = account,
                          .login_address = login_address});
    return result;
}

bool remove_tls_public_key(db::Database& database, std::string_view fingerprint) {
    return database.run("DELETE FROM tls_public_key WHERE fingerprint = ?", fingerprint) > 0;
}

void add_account_removal(db::Database& database, std::string_view account) {
    database.run("INSERT INTO account_removal (account) VALUES (?) ON CONFLICT DO NOTHING", account);
}

std::vector<std::string> account_removals(db::Database& database) {
    std::vector<std::string> result;
    for (const auto& [account] : database.rows<std::string>("SELECT account FROM account_removal ORDER BY account"))
        result.push_back(account);
    return result;
}

bool finish_account_removal(db::Database& database, std::string_view account) {
    return database.run("DELETE FROM account_removal WHERE account = ?", account) > 0;
}

}  // namespace mox::auth
