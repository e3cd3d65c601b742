#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "config/validation.hpp"
#include "keys/certificate.hpp"
#include "keys/private_key.hpp"
#include "mime/domain.hpp"

namespace mox::config {

namespace {

using Path = sconf::Path;

constexpr int least_rsa_bits = 1024;  // RFC 8301
constexpr std::int64_t day = 24 * 60 * 60, soon = 14 * day;

// What `parse` makes of the file's contents; what it throws becomes an error of the configuration.
template <class Parse>
auto parsed_file(Validation& v, const Path& at, const std::string& file, const Parse& parse)
    -> std::optional<decltype(parse(std::string()))> {
    const auto contents = v.contents(at, file);
    if (!contents) return std::nullopt;
    try {
        return parse(*contents);
    } catch (const Error& error) {
        v.error(at, quote((v.config().paths.directory / file).native()) + ": " + error.what(), error.hint());
        return std::nullopt;
    }
}

void validate_times(Validation& v, const Path& at, const std::string& file, const keys::Certificate& certificate) {
    const auto on = [](std::int64_t seconds) { return to_rfc3339({.seconds = seconds}); };
    if (certificate.not_after < v.now())
        v.warning(at, "the certificate in " + quote(file) + " expired on " + on(certificate.not_after), "renew it");
    else if (certificate.not_after < v.now() + soon)
        v.warning(at, "the certificate in " + quote(file) + " expires on " + on(certificate.not_after), "renew it");
    if (certificate.not_before > v.now())
        v.warning(at, "the certificate in " + quote(file) + " is not good before " + on(certificate.not_before));
}

}  // namespace

void validate_certificates(Validation& v, const Path& at, const ListenerTls& tls, const std::set<std::string>& hosts) {
    std::vector<keys::Certificate> own;  // the first of each file
    bool are_known = !tls.key_certs.empty();
    for (std::size_t i = 0; i < tls.key_certs.size(); ++i) {
        const auto& pair = tls.key_certs[i];
        const Path here = at / "KeyCerts" / i;
        const auto chain = parsed_file(v, here / "CertFile", pair.cert_file, keys::parse_certificates);
        const auto key = parsed_file(v, here / "KeyFile", pair.key_file, keys::PrivateKey::parse);
        if (chain && key && chain->front().public_key != key->public_key())
            v.error(here / "KeyFile", "the key in " + quote(pair.key_file) + " does not belong to the certificate in " +
                                          quote(pair.cert_file));
        if (chain) validate_times(v, here / "CertFile", pair.cert_file, chain->front());
        if (chain) own.push_back(chain->front());
        are_known = are_known && chain;
    }
    for (std::size_t i = 0; i < tls.host_private_key_files.size(); ++i)
        (void)parsed_file(v, at / "HostPrivateKeyFiles" / i, tls.host_private_key_files[i], keys::PrivateKey::parse);
    if (!are_known) return;
    for (const auto& host : hosts)
        if (mime::domain_problem(host).empty() &&
            std::ranges::none_of(own, [&](const auto& each) { return covers(each, mime::ascii_domain(host)); }))
            v.warning(at / "KeyCerts", "no certificate is for the name " + quote(host),
                      "clients that ask for it will complain");
}

void validate_dkim_key(Validation& v, const Path& at, const std::string& file) {
    const auto key = parsed_file(v, at, file, keys::PrivateKey::parse);
    if (!key || key->kind() == keys::KeyKind::ed25519) return;
    if (key->kind() != keys::KeyKind::rsa)
        v.error(at, "the key in " + quote(file) + " is of no kind that DKIM knows", "it has to be Ed25519 or RSA");
    else if (key->bits() < least_rsa_bits)
        v.error(at, fmt::format("the key in {} has {} bits only", quote(file), key->bits()),
                "nobody accepts less than 1024; 2048 are usual");
}

}  // namespace mox::config
