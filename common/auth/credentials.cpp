#include "auth/credentials.hpp"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <memory>

#include "auth/cram_md5.hpp"
#include "auth/digest.hpp"
#include "base/error.hpp"
#include "mime/precis.hpp"

namespace mox::auth {

namespace {

constexpr int bcrypt_cost = 10;

std::string random_bytes(Random& random, std::size_t size) {
    std::string out(size, '\0');
    random.fill(std::as_writable_bytes(std::span(out)));
    return out;
}

ScramKeys scram_keys(Digest digest, std::string_view password, std::int64_t iterations, Random& random) {
    ScramKeys keys{.salt = random_bytes(random, scram_salt_bytes), .iterations = iterations, .salted_password = {}};
    keys.salted_password = pbkdf2(digest, password, keys.salt, iterations);
    return keys;
}

// crypt_data is 32 KiB, too much for a stack that is not ours.
std::string crypt_with(const std::string& setting, std::string_view password) {
    const auto data = std::make_unique<crypt_data>();
    const char* const hashed = ::crypt_r(std::string(password).c_str(), setting.c_str(), data.get());
    return hashed != nullptr && hashed[0] != '*' ? std::string(hashed) : std::string();
}

bool is_bcrypt(const std::string& hash) {
    return hash.size() == 60 && (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"));
}

std::size_t character_count(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

std::optional<ScramKeys> keys_of(const std::optional<std::string>& salt, std::optional<std::int64_t> iterations,
                                 const std::optional<std::string>& salted_password) {
    if (!salt || !iterations || !salted_password) return std::nullopt;
    return ScramKeys{*salt, *iterations, *salted_password};
}

}  // namespace

std::optional<std::string> prepared_password(std::string_view password) {
    auto prepared = mime::opaque_string(password);
    if (!prepared.problem.empty()) return std::nullopt;
    return std::move(prepared.text);
}

std::string password_problem(std::string_view password) {
    const auto prepared = mime::opaque_string(password);
    if (!prepared.problem.empty()) return "the password " + prepared.problem;
    if (character_count(prepared.text) < min_password_characters)
        return "the password is too short; at least " + std::to_string(min_password_characters) +
               " characters are needed";
    if (prepared.text.size() > max_password_bytes)
        return "the password is too long; at most " + std::to_string(max_password_bytes) + " bytes can be used";
    return {};
}

Credentials derive_credentials(std::string_view password, Random& random, const Timestamp& now) {
    if (const auto problem = password_problem(password); !problem.empty()) throw Error(Errc::usage, problem);
    const std::string prepared = *prepared_password(password);
    return {.bcrypt = bcrypt_hash(prepared, random),
            .cram_md5 = cram_md5_keys(prepared),
            .scram_sha1 = scram_keys(Digest::sha1, prepared, scram_sha1_iterations, random),
            .scram_sha256 = scram_keys(Digest::sha256, prepared, scram_sha256_iterations, random),
            .changed = now.seconds};
}

std::string bcrypt_hash(std::string_view prepared, Random& random) {
    std::string seed = random_bytes(random, 16);
    std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
    if (::crypt_gensalt_rn("$2b$", bcrypt_cost, seed.data(), static_cast<int>(seed.size()), setting.data(),
                           static_cast<int>(setting.size())) == nullptr)
        throw Error(Errc::failed, "bcrypt is not available");
    auto hashed = crypt_with(setting.data(), prepared);
    if (!is_bcrypt(hashed)) throw Error(Errc::failed, "bcrypt failed");
    return hashed;
}

bool bcrypt_matches(const std::string& hash, std::string_view prepared) {
    if (!is_bcrypt(hash)) return false;
    // What bcrypt would not look at.
    const bool is_cut = prepared.size() > max_password_bytes || prepared.find('\0') != std::string_view::npos;
    return equal_in_constant_time(crypt_with(hash, prepared), hash) && !is_cut;
}

std::optional<Credentials> load_credentials(db::Database& account) {
    using Bytes = std::optional<std::string>;
    using Number = std::optional<std::int64_t>;
    const auto row = account.row<std::string, Bytes, Bytes, Bytes, Number, Bytes, Bytes, Number, Bytes, std::int64_t>(
        "SELECT bcrypt, cram_md5_ipad, cram_md5_opad, scram_sha1_salt, scram_sha1_iterations,"
        " scram_sha1_salted_password, scram_sha256_salt, scram_sha256_iterations, scram_sha256_salted_password, changed"
        " FROM credential");
    if (!row) return std::nullopt;
    const auto& [bcrypt, ipad, opad, salt1, iterations1, salted1, salt256, iterations256, salted256, changed] = *row;
    Credentials found{.bcrypt = bcrypt,
                      .cram_md5 = {},
                      .scram_sha1 = keys_of(salt1, iterations1, salted1),
                      .scram_sha256 = keys_of(salt256, iterations256, salted256),
                      .changed = changed};
    if (ipad && opad) found.cram_md5 = CramMd5Keys{*ipad, *opad};
    return found;
}

void save_credentials(db::Database& account, const Credentials& credentials) {
    const auto blob = [](const auto& keys, auto member) {
        return keys ? std::optional(db::Blob((*keys).*member)) : std::nullopt;
    };
    const auto iterations = [](const auto& keys) { return keys ? std::optional(keys->iterations) : std::nullopt; };
    const auto& cram = credentials.cram_md5;
    const auto &sha1 = credentials.scram_sha1, &sha256 = credentials.scram_sha256;
    db::Transaction tx(account);
    account.run(
        "INSERT OR REPLACE INTO credential (id, bcrypt, cram_md5_ipad, cram_md5_opad, scram_sha1_salt,"
        " scram_sha1_iterations, scram_sha1_salted_password, scram_sha256_salt, scram_sha256_iterations,"
        " scram_sha256_salted_password, changed) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        credentials.bcrypt, blob(cram, &CramMd5Keys::ipad), blob(cram, &CramMd5Keys::opad),
        blob(sha1, &ScramKeys::salt), iterations(sha1), blob(sha1, &ScramKeys::salted_password),
        blob(sha256, &ScramKeys::salt), iterations(sha256), blob(sha256, &ScramKeys::salted_password),
        credentials.changed);
    account.run("DELETE FROM login_session");
    tx.commit();
}

}  // namespace mox::auth
