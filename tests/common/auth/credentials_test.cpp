#include "auth/credentials.hpp"

#include <catch2/catch.hpp>

#include "auth/cram_md5.hpp"
#include "auth/scram.hpp"
#include "base/encoding.hpp"
#include "support/database_checks.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::auth;

namespace {

std::string base64(std::string_view text) {
    return to_base64(as_bytes(text));
}

}  // namespace

TEST_CASE("RFC 5802 section 5: SCRAM-SHA-1", "[auth]") {
    const std::string salted = pbkdf2(Digest::sha1, "pencil", from_base64("QSXCR+Q6sek8bf92").value(), 4096);
    const std::string message =
        "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
        "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
    CHECK(base64(scram_client_proof(Digest::sha1, salted, message)) == "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
    CHECK(base64(scram_server_signature(Digest::sha1, salted, message)) == "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
}

TEST_CASE("RFC 7677 section 3: SCRAM-SHA-256", "[auth]") {
    const std::string salted = pbkdf2(Digest::sha256, "pencil", from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
    const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const std::string message =
        "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" + nonce;
    CHECK(base64(scram_client_proof(Digest::sha256, salted, message)) ==
          "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    CHECK(base64(scram_server_signature(Digest::sha256, salted, message)) ==
          "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("RFC 2195 section 2 and RFC 2202: HMAC-MD5 from stored states", "[auth]") {
    CHECK(cram_md5_digest(cram_md5_keys("tanstaaftanstaaf"), "<1896.697170952@postoffice.reston.mci.net>") ==
          "b913a602c7eda7a495b4e6e7334d3890");
    CHECK(
        cram_md5_digest(cram_md5_keys("testpass1234"), "<8917525483003359902.1795343645106095978@mail.mox.example>") ==
        "fc58e88c844d44732c5daa373d593a5c");
    CHECK(cram_md5_digest(cram_md5_keys("Jefe"), "what do ya want for nothing?") == "750c783e6ab0b503eaa86e310a5db738");
    CHECK(cram_md5_digest(cram_md5_keys(std::string(80, '\xaa')),
                          "Test Using Larger Than Block-Size Key - Hash Key First") ==
          "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
}

TEST_CASE("MD5 states look as Go's crypto/md5 writes them", "[auth]") {
    const CramMd5Keys keys = cram_md5_keys("tanstaaftanstaaf");
    for (const auto& state : {keys.ipad, keys.opad}) {
        REQUIRE(state.size() == 92);
        CHECK(state.substr(0, 4) == std::string("md5\x01", 4));
        CHECK(state.substr(20, 64) == std::string(64, '\0'));
        CHECK(to_hex(as_bytes(state.substr(84))) == "0000000000000040");
    }
    for (const auto& broken : {std::string(), keys.ipad.substr(1), "x" + keys.ipad.substr(1), keys.ipad + "x"}) {
        CHECK(cram_md5_digest({broken, keys.opad}, "x").empty());
        CHECK(cram_md5_digest({keys.ipad, broken}, "x").empty());
    }
}

TEST_CASE("bcrypt takes the right password only", "[auth]") {
    SeededRandom random(1);
    const std::string hash = bcrypt_hash("correct horse", random);
    CHECK(hash.size() == 60);
    CHECK(hash.starts_with("$2b$10$"));
    CHECK(bcrypt_matches(hash, "correct horse"));
    CHECK_FALSE(bcrypt_matches(hash, "correct horsf"));
    CHECK_FALSE(bcrypt_matches(hash, ""));
    CHECK_FALSE(bcrypt_matches(hash, std::string_view("correct horse\0x", 15)));
    CHECK(bcrypt_hash("correct horse", random) != hash);
    // Made by others: OpenBSD's test vectors, and what Go writes.
    CHECK(bcrypt_matches("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"));
    CHECK(bcrypt_matches("$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", "\xa3"));
    for (const std::string broken : {"", "x", "$2b$10$", "$1$abc$def", "*0", "$2b$10$!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"})
        CHECK_FALSE(bcrypt_matches(broken, ""));
    // No password is cut where bcrypt stops to look.
    const std::string longest(72, 'x');
    CHECK(bcrypt_matches(bcrypt_hash(longest, random), longest));
    CHECK_FALSE(bcrypt_matches(bcrypt_hash(longest, random), longest + "y"));
}

TEST_CASE("passwords that can be set, and those that cannot", "[auth]") {
    struct Case {
        std::string password, problem;
    };
    const std::vector<Case> cases{
        {"testpass1234", ""},
        {"12345678", ""},
        {"correct horse battery staple", ""},
        {"\u00e4\u00f6\u00fc\u00df\u00e4\u00f6\u00fc\u00df", ""},  // eight characters
        {std::string(72, 'x'), ""},
        {"", "the password is empty"},
        {"1234567", "the password is too short; at least 8 characters are needed"},
        {"\u00e4\u00f6\u00fc\u00df", "the password is too short; at least 8 characters are needed"},
        {"a\u0308o\u0308u\u0308a\u0308", "the password is too short; at least 8 characters are needed"},
        {std::string(73, 'x'), "the password is too long; at most 72 bytes can be used"},
        {"tab\ttabtab", "the password has a control character"},
        {"line\nlineline", "the password has a control character"},
        {std::string("nul\0nulnul", 10), "the password has a control character"},
        {"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "the password is not UTF-8"},
        {"zero\u200bwidth", "the password has the character U+200B, which cannot stand there"},
        {"soft\u00adhyphen", "the password has the character U+00AD, which cannot stand there"},
    };
    for (const auto& entry : cases) {
        INFO(escaped(entry.password));
        CHECK(password_problem(entry.password) == entry.problem);
        SeededRandom random(1);
        if (!entry.problem.empty())
            CHECK(test::error_of([&] { (void)derive_credentials(entry.password, random, {}); }) == Errc::usage);
    }
}

TEST_CASE("credentials of a password serve all mechanisms, whatever its form", "[auth]") {
    SeededRandom random(1);
    const Credentials composed = derive_credentials("p\u00e5ssw\u00f6rd\u00a0x", random, {.seconds = 42});
    CHECK(composed.changed == 42);
    const std::string prepared = "p\u00e5ssw\u00f6rd x";
    CHECK(bcrypt_matches(composed.bcrypt, prepared));
    CHECK(composed.cram_md5 == cram_md5_keys(prepared));
    REQUIRE(composed.scram_sha1);
    REQUIRE(composed.scram_sha256);
    CHECK(composed.scram_sha1->salt.size() == 12);
    CHECK(composed.scram_sha1->iterations == 8192);
    CHECK(composed.scram_sha1->salted_password == pbkdf2(Digest::sha1, prepared, composed.scram_sha1->salt, 8192));
    CHECK(composed.scram_sha256->iterations == 4096);
    CHECK(composed.scram_sha256->salted_password ==
          pbkdf2(Digest::sha256, prepared, composed.scram_sha256->salt, 4096));
    CHECK(composed.scram_sha256->salt != composed.scram_sha1->salt);
    SeededRandom same(1);
    CHECK(derive_credentials("pa\u030assw\u00f6rd\u3000x", same, {.seconds = 42}) == composed);
}

TEST_CASE("equal in constant time is equal", "[auth]") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("abc", "abc"));
    CHECK_FALSE(equal_in_constant_time("abc", "abd"));
    CHECK_FALSE(equal_in_constant_time("abc", "ab"));
}
