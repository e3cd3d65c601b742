#include <catch2/catch.hpp>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "keys/certificate.hpp"
#include "keys/private_key.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::keys;

namespace {

std::string problem_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a key comes back from its PEM text", "[keys]") {
    for (const auto kind : {KeyKind::ed25519, KeyKind::rsa, KeyKind::ecdsa}) {
        const auto key = PrivateKey::generate(kind);
        CHECK(key.kind() == kind);
        CHECK(key.bits() == (kind == KeyKind::rsa ? 2048 : 256));
        const std::string pem = key.to_pem();
        CHECK(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        const auto again = PrivateKey::parse("Note: kept by hand\n\n" + pem);
        CHECK(again.kind() == kind);
        CHECK(again.public_key() == key.public_key());
        CHECK(again.to_pem() == pem);
        CHECK(PrivateKey::generate(kind).public_key() != key.public_key());
    }
}

TEST_CASE("DKIM's public key is what OpenSSL's own program says", "[keys]") {
    const test::TempDir dir;
    for (const auto kind : {KeyKind::ed25519, KeyKind::rsa}) {
        const auto key = PrivateKey::generate(kind);
        const auto file = dir.write("key.pem", key.to_pem());
        const auto run = test::run_program({"openssl", "pkey", "-in", file.string(), "-pubout", "-outform", "DER"});
        REQUIRE(run.exit_code == 0);
        CHECK(key.public_key() == run.out);
        // RFC 8463: of Ed25519 only the key itself, the last 32 bytes.
        CHECK(key.dkim_public_key() == (kind == KeyKind::rsa ? run.out : run.out.substr(run.out.size() - 32)));
    }
}

TEST_CASE("texts that are no key say why", "[keys]") {
    const std::string pem = PrivateKey::generate(KeyKind::ed25519).to_pem();
    std::string broken = pem;
    broken[40] = broken[40] == 'A' ? 'B' : 'A';
    const auto encrypted =
        test::run_program({"openssl", "genpkey", "-algorithm", "ED25519", "-aes-128-cbc", "-pass", "pass:secret"});
    REQUIRE(encrypted.exit_code == 0);
    struct Case {
        std::string pem, problem;
    };
    for (const auto& [text, problem] : std::vector<Case>{
             {"", "there is no private key in PEM form"},
             {"x", "there is no private key in PEM form"},
             {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "there is no private key in PEM form"},
             {pem.substr(0, 60), "the private key is broken"},
             {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "the private key is broken"},
             {encrypted.out, "the private key is encrypted"}}) {
        INFO(text);
        CHECK(problem_of([&] { (void)PrivateKey::parse(text); }) == problem);
    }
}

TEST_CASE("a certificate tells its names, times and key", "[keys]") {
    const auto key = PrivateKey::generate(KeyKind::ecdsa);
    const std::string pem =
        self_signed(key, {"mail.mox.example", "*.mox.example", "127.0.0.1"}, 1'700'000'000, 1'800'000'000);
    const auto found = parse_certificates(pem + "\n" + self_signed(key, {"other.example"}, 0, 1));
    REQUIRE(found.size() == 2);
    CHECK(found[0].names == std::vector<std::string>{"mail.mox.example", "*.mox.example"});
    CHECK(found[0].not_before == 1'700'000'000);
    CHECK(found[0].not_after == 1'800'000'000);
    CHECK(found[0].public_key == key.public_key());
    CHECK(found[1].names == std::vector<std::string>{"other.example"});
    const test::TempDir dir;
    const auto file = dir.write("cert.pem", pem);
    const auto run = test::run_program({"openssl", "verify", "-CAfile", file.string(), file.string()});
    CHECK(run.out.find("OK") + run.err.find("expired") > 0);
}

TEST_CASE("names of certificates cover hosts", "[keys]") {
    struct Case {
        std::string name, host;
        bool covers;
    };
    for (const auto& entry : std::vector<Case>{
             {"mail.mox.example", "mail.mox.example", true},
             {"mail.mox.example", "MAIL.mox.example", true},
             {"mail.mox.example", "mox.example", false},
             {"*.mox.example", "mail.mox.example", true},
             {"*.mox.example", "mox.example", false},
             {"*.mox.example", "a.b.mox.example", false},
             {"*.mox.example", ".mox.example", false},
             {"*", "mox", false},
         }) {
        INFO(entry.name << " " << entry.host);
        CHECK(covers(Certificate{.names = {entry.name}}, entry.host) == entry.covers);
    }
}

TEST_CASE("texts that are no certificate say why", "[keys]") {
    const auto key = PrivateKey::generate(KeyKind::ed25519);
    const std::string pem = self_signed(key, {"mox.example"}, 0, 1);
    CHECK(problem_of([&] { (void)parse_certificates(""); }) == "there is no certificate in PEM form");
    CHECK(problem_of([&] { (void)parse_certificates(key.to_pem()); }) == "there is no certificate in PEM form");
    CHECK(problem_of([&] { (void)parse_certificates(pem + pem.substr(0, 100)); }) == "a certificate is broken");
    CHECK(problem_of([&] {
              (void)parse_certificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
          }) == "a certificate is broken");
}
