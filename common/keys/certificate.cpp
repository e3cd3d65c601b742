#include "keys/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "keys/openssl.hpp"
#include "keys/pem.hpp"
#include "keys/private_key_state.hpp"

namespace mox::keys {

namespace {

struct FreeNames {
    void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::int64_t seconds_of(const ASN1_TIME* time) {
    tm parts = {};
    if (ASN1_TIME_to_tm(time, &parts) != 1) throw Error(Errc::failed, "a certificate has a time that is none");
    return to_unix_seconds(
               {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec})
        .value_or(0);
}

std::vector<std::string> names_of(X509* certificate) {
    std::vector<std::string> out;
    const std::unique_ptr<GENERAL_NAMES, FreeNames> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type != GEN_DNS) continue;
        out.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
    return out;
}

void require(bool done) {
    if (!done) throw Error(Errc::failed, "a certificate cannot be made: OpenSSL failed");
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    unsigned char bytes[16];
    for (const auto& name : names) {
        const bool is_ip =
            ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
        out += (out.empty() ? "" : ",") + std::string(is_ip ? "IP:" : "DNS:") + name;
    }
    return out;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    require(extension != nullptr);
    const bool is_added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    require(is_added);
}

}  // namespace

std::vector<Certificate> parse_certificates(std::string_view pem) {
    std::vector<Certificate> out;
    for (const auto& certificate : read_certificates(pem)) {
        EVP_PKEY* const key = X509_get0_pubkey(certificate.get());
        if (key == nullptr) throw Error(Errc::failed, "a certificate has a key of an unknown kind");
        out.push_back({.names = names_of(certificate.get()),
                       .not_before = seconds_of(X509_get0_notBefore(certificate.get())),
                       .not_after = seconds_of(X509_get0_notAfter(certificate.get())),
                       .public_key = public_key_der(key)});
    }
    return out;
}

bool covers(const Certificate& certificate, std::string_view host) {
    return std::ranges::any_of(certificate.names, [&](std::string_view name) {
        if (equal_ignoring_case(name, host)) return true;
        const auto dot = host.find('.');
        return name.starts_with("*.") && dot != std::string_view::npos && dot > 0 &&
               equal_ignoring_case(name.substr(1), host.substr(dot));
    });
}

std::string self_signed(const PrivateKey& key, const std::vector<std::string>& names, std::int64_t not_before,
                        std::int64_t not_after) {
    EVP_PKEY* const pkey = key.state().key.get();
    const Owned<X509> certificate(X509_new());
    require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1);
    std::uint64_t serial = 0;
    require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
    require(ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1U | 1U) == 1);
    require(ASN1_TIME_set(X509_getm_notBefore(certificate.get()), not_before) != nullptr);
    require(ASN1_TIME_set(X509_getm_notAfter(certificate.get()), not_after) != nullptr);
    require(X509_set_pubkey(certificate.get(), pkey) == 1);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    const std::string common_name = names.empty() ? "localhost" : names.front();
    require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1);
    require(X509_set_issuer_name(certificate.get(), subject) == 1);
    add_extension(certificate.get(), NID_subject_alt_name, alternative_names(names));
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    const EVP_MD* const digest = key.kind() == KeyKind::ed25519 ? nullptr : EVP_sha256();
    require(X509_sign(certificate.get(), pkey, digest) > 0);
    const auto bio = memory_bio();
    require(PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
    return contents_of(bio.get());
}

}  // namespace mox::keys
