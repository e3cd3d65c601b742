#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <span>
#include <string>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "keys/pem.hpp"
#include "server/net/tls.hpp"
#include "server/net/tls_entry.hpp"

namespace mox::net {

namespace {

constexpr std::size_t largest_pem_bytes = 1U << 20U;
// Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr const char* ciphers_of_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* groups = "X25519:P-256:P-384";

[[noreturn]] void refuse(const std::string& what, const std::filesystem::path& path, std::string hint = {}) {
    throw Error(Errc::failed, what + " " + quote(path.native()), std::move(hint));
}

// What `read` makes of the text of a file.
template <class Read>
auto read_pem(const std::filesystem::path& path, const char* what, const Read& read) try {
    const std::string text = read_file(path, largest_pem_bytes);
    try {
        return read(text);
    } catch (Error& error) {
        error.add_context(quote(path.native()));
        throw;
    }
} catch (Error& error) {
    error.add_context(what);
    throw;
}

void load_certificates(TlsContext::Entry& entry, const std::filesystem::path& path) {
    auto chain = read_pem(path, "TLS certificate", [](const std::string& pem) { return keys::read_certificates(pem); });
    if (SSL_CTX_use_certificate(entry.context, chain.front().get()) != 1)
        refuse("cannot use (" + take_openssl_error() + ") the certificate", path);
    for (auto& next : std::span(chain).subspan(1))
        if (SSL_CTX_add_extra_chain_cert(entry.context, next.get()) == 1) (void)next.release();
    ERR_clear_error();
    entry.certificate = SSL_CTX_get0_certificate(entry.context);
}

// The hash of the signature's algorithm, but SHA-256 in place of MD5 and SHA-1.
std::string end_point_hash(const X509* certificate) {
    int digest = NID_undef;
    if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, nullptr) != 1 || digest == NID_undef)
        return {};
    if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
    const EVP_MD* algorithm = EVP_get_digestbynid(digest);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned size = 0;
    if (algorithm == nullptr || X509_digest(certificate, algorithm, hash.data(), &size) != 1) return {};
    return {reinterpret_cast<const char*>(hash.data()), size};
}

// The certificate that is for the name, else the first.
int choose_certificate(SSL* ssl, int*, void* entries) {
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name == nullptr) return SSL_TLSEXT_ERR_OK;
    const auto& all = *static_cast<const std::vector<std::unique_ptr<TlsContext::Entry>>*>(entries);
    for (const auto& entry : all)
        if (X509_check_host(entry->certificate, name, 0, 0, nullptr) == 1) {
            SSL_set_SSL_CTX(ssl, entry->context);
            break;
        }
    return SSL_TLSEXT_ERR_OK;
}

void configure(SSL_CTX* context, const TlsOptions& options) {
    SSL_CTX_set_min_proto_version(context, options.only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Buffers of idle connections are given back: they would be 34 KiB for each.
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets need none
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("mox"), 3);
    if (SSL_CTX_set_cipher_list(context, ciphers_of_1_2) != 1 || SSL_CTX_set1_groups_list(context, groups) != 1)
        throw Error(Errc::failed, "set up TLS: " + take_openssl_error());
}

}  // namespace

std::string take_openssl_error() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "unknown error" : reason;
}

TlsContext::Entry::Entry() : context(SSL_CTX_new(TLS_server_method())) {
    if (context == nullptr) throw Error(Errc::failed, "set up TLS: " + take_openssl_error());
}

TlsContext::Entry::~Entry() {
    SSL_CTX_free(context);
}

TlsContext::~TlsContext() = default;

std::shared_ptr<const TlsContext> TlsContext::load(const std::vector<CertificateFiles>& files,
                                                   const TlsOptions& options) {
    const std::shared_ptr<TlsContext> loaded(new TlsContext());
    for (const auto& [certificate, key_file] : files) {
        auto entry = std::make_unique<Entry>();
        configure(entry->context, options);
        load_certificates(*entry, certificate);
        const auto key =
            read_pem(key_file, "TLS key", [](const std::string& pem) { return keys::read_private_key(pem); });
        if (X509_check_private_key(entry->certificate, key.get()) != 1) {
            ERR_clear_error();
            refuse("the key " + quote(key_file.native()) + " does not belong to the certificate", certificate,
                   "one of them was renewed without the other, or they are of different certificates");
        }
        if (SSL_CTX_use_PrivateKey(entry->context, key.get()) != 1)
            refuse("cannot use (" + take_openssl_error() + ") the key", key_file);
        if (X509_cmp_current_time(X509_get0_notAfter(entry->certificate)) < 0)
            loaded->warnings_.push_back("the certificate " + quote(certificate.native()) + " has expired");
        entry->server_end_point = end_point_hash(entry->certificate);
        SSL_CTX_set_app_data(entry->context, entry.get());
        loaded->entries_.push_back(std::move(entry));
    }
    SSL_CTX* const first = loaded->entries_.front()->context;
    SSL_CTX_set_tlsext_servername_callback(first, choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(first, &loaded->entries_);
    return loaded;
}

}  // namespace mox::net
