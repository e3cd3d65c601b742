#include "server/local/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/error.hpp"

namespace mox::local {

namespace {

constexpr long day_seconds = 86'400;
constexpr int x509_version_3 = 2;
constexpr int serial_bits = 128;

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(BIGNUM* number) const { BN_free(number); }
    void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void require(bool done) {
    if (!done) throw Error(Errc::failed, "make a certificate: OpenSSL refuses");
}

void add_extension(X509* certificate, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    require(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

void set_name(X509* certificate, const std::string& host) {
    X509_NAME* const name = X509_get_subject_name(certificate);
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(host.c_str()),
                                       -1, -1, 0) == 1 &&
            X509_set_issuer_name(certificate, name) == 1);
}

}  // namespace

KeyAndCertificate self_signed_certificate(const std::vector<std::string>& hosts,
                                          const std::vector<std::string>& addresses) {
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const Owned<X509> certificate(X509_new());
    const Owned<BIGNUM> serial(BN_new());
    require(key && certificate && serial && BN_rand(serial.get(), serial_bits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) &&
            BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get())) != nullptr);
    require(X509_set_version(certificate.get(), x509_version_3) == 1 &&
            X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -day_seconds) != nullptr &&
            X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 4 * 365 * day_seconds) != nullptr &&
            X509_set_pubkey(certificate.get(), key.get()) == 1);
    set_name(certificate.get(), hosts.front());
    std::string names;
    for (const auto& host : hosts) names += (names.empty() ? "DNS:" : ",DNS:") + host;
    for (const auto& address : addresses) names += ",IP:" + address;
    add_extension(certificate.get(), NID_subject_alt_name, names);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
    require(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const Owned<BIO> key_text(BIO_new(BIO_s_mem())), certificate_text(BIO_new(BIO_s_mem()));
    require(key_text && certificate_text &&
            PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
            PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
    return {.key_pem = text_of(key_text.get()), .certificate_pem = text_of(certificate_text.get())};
}

}  // namespace mox::local
