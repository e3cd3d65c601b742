#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "config/validate.hpp"
#include "keys/certificate.hpp"
#include "keys/private_key.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::config;

namespace {

constexpr std::int64_t now = 1'795'343'645, day = 24 * 60 * 60;

// The sample of a throw-away host, with the files that it names.
struct Host {
    test::TempDir dir;
    keys::PrivateKey key = keys::PrivateKey::generate(keys::KeyKind::ecdsa);

    Host() {
        for (const std::string name : {"mox.conf", "domains.conf"})
            dir.write(name, read_file(MOX_TESTDATA "/config/localserve/" + name));
        dir.write("adminpasswd", "x");
        dir.write("localhost.key", key.to_pem());
        certify({"localhost"}, now - day, now + 100 * day);
    }
    void certify(const std::vector<std::string>& names, std::int64_t from, std::int64_t until) const {
        dir.write("localhost.crt", keys::self_signed(key, names, from, until));
    }
    // Problems, without the directory and without that of a user that this machine may lack.
    [[nodiscard]] std::string problems() const {
        Config config = read(dir / "mox.conf");
        const FixedClock clock(now);
        validate(config, {.clock = &clock});
        std::erase_if(config.problems, [](const auto& p) { return p.problem.message.starts_with("there is no user"); });
        std::string text;
        for (const auto& problem : config.problems)
            text += sconf::render(problem.problem, problem.file.filename().native()) + "\n";
        for (auto at = text.find(dir.path().native()); at != std::string::npos; at = text.find(dir.path().native()))
            text.replace(at, dir.path().native().size(), "DIR");
        return text;
    }
};

}  // namespace

TEST_CASE("a key and a certificate that belong together are without fault", "[config]") {
    const Host host;
    CHECK(host.problems() == "");
}

TEST_CASE("certificates and keys that are none", "[config]") {
    const Host host;
    const std::string certificate = read_file(host.dir / "localhost.crt");
    host.dir.write("localhost.crt", "x");
    CHECK(host.problems() == "mox.conf:19: 'DIR/localhost.crt': there is no certificate in PEM form\n");
    host.dir.write("localhost.crt", certificate.substr(0, 200));
    CHECK(host.problems() == "mox.conf:19: 'DIR/localhost.crt': a certificate is broken\n");
    host.dir.write("localhost.crt", certificate);
    host.dir.write("localhost.key", "x");
    CHECK(host.problems() == "mox.conf:20: 'DIR/localhost.key': there is no private key in PEM form\n");
    host.dir.write("localhost.key", keys::PrivateKey::generate(keys::KeyKind::rsa).to_pem());
    CHECK(host.problems() ==
          "mox.conf:20: the key in 'localhost.key' does not belong to the certificate in 'localhost.crt'\n");
    std::filesystem::remove(host.dir / "localhost.key");
    std::filesystem::create_directory(host.dir / "localhost.key");
    CHECK(host.problems() == "mox.conf:20: 'DIR/localhost.key' is not a regular file\n");
}

TEST_CASE("links to certificates are followed", "[config]") {
    const Host host;
    std::filesystem::rename(host.dir / "localhost.crt", host.dir / "real.crt");
    std::filesystem::create_symlink("real.crt", host.dir / "localhost.crt");
    CHECK(host.problems() == "");
}

TEST_CASE("certificates that are not in force are a warning", "[config]") {
    const Host host;
    host.certify({"localhost"}, now - 10 * day, now - day);
    CHECK(host.problems() ==
          "mox.conf:19: warning: the certificate in 'localhost.crt' expired on 2026-11-21T10:34:05Z; renew it\n");
    host.certify({"localhost"}, now - 10 * day, now + day);
    CHECK(host.problems() ==
          "mox.conf:19: warning: the certificate in 'localhost.crt' expires on 2026-11-23T10:34:05Z; renew it\n");
    host.certify({"localhost"}, now + day, now + 100 * day);
    CHECK(host.problems() ==
          "mox.conf:19: warning: the certificate in 'localhost.crt' is not good before 2026-11-23T10:34:05Z\n");
}

TEST_CASE("a certificate for other names is a warning", "[config]") {
    const Host host;
    host.certify({"mail.mox.example"}, now - day, now + 100 * day);
    CHECK_THAT(host.problems(), Catch::Contains("warning: no certificate is for the name 'localhost'"));
}

TEST_CASE("keys of DKIM are looked at", "[config]") {
    const Host host;
    host.dir.write(
        "domains.conf",
        "Domains:\n\tlocalhost:\n\t\tDKIM:\n\t\t\tSelectors:\n\t\t\t\ta:\n\t\t\t\t\tPrivateKeyFile: dkim.pem\n"
        "Accounts:\n\tmox:\n\t\tDomain: localhost\n");
    const auto with_key = [&](const std::string& pem) {
        host.dir.write("dkim.pem", pem);
        return host.problems();
    };
    CHECK(with_key(keys::PrivateKey::generate(keys::KeyKind::ed25519).to_pem()) == "");
    CHECK(with_key(keys::PrivateKey::generate(keys::KeyKind::rsa).to_pem()) == "");
    CHECK(with_key(keys::PrivateKey::generate(keys::KeyKind::ecdsa).to_pem()) ==
          "domains.conf:6: the key in 'dkim.pem' is of no kind that DKIM knows; it has to be Ed25519 or RSA\n");
    CHECK(with_key("") == "domains.conf:6: 'DIR/dkim.pem': there is no private key in PEM form\n");
    std::filesystem::remove(host.dir / "dkim.pem");
    CHECK(host.problems() ==
          "domains.conf:6: there is no file 'DIR/dkim.pem'; relative names begin at the directory of "
          "mox.conf\n");
}
