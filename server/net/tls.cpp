#include "server/net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "server/net/tls_entry.hpp"

namespace mox::net {

namespace {

constexpr std::size_t largest_record = 16'384;
constexpr std::string_view exporter_label = "EXPORTER-Channel-Binding";  // RFC 9266

// Before TLS 1.3 an exporter is unique only with the extended master secret (RFC 9266 section 3).
std::string exporter_of(SSL* ssl) {
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return {};
    std::array<unsigned char, 32> out{};
    const unsigned char nothing = 0;
    if (SSL_export_keying_material(ssl, out.data(), out.size(), exporter_label.data(), exporter_label.size(), &nothing,
                                   0, 1) != 1) {
        ERR_clear_error();
        return {};
    }
    return {reinterpret_cast<const char*>(out.data()), out.size()};
}

}  // namespace

void TlsStream::Free::operator()(SSL* ssl) const {
    SSL_free(ssl);
}

TlsStream::TlsStream(std::shared_ptr<const TlsContext> context, int fd)
    : context_(std::move(context)),
      ssl_(SSL_new(context_->entries().front()->context)) {
    if (!ssl_ || SSL_set_fd(ssl_.get(), fd) != 1) throw Error(Errc::failed, "set up TLS: " + take_openssl_error());
    SSL_set_accept_state(ssl_.get());
}

TlsStream::Result TlsStream::result_of(int returned) {
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_NONE:
            return Result::done;
        case SSL_ERROR_WANT_READ:
            return Result::want_read;
        case SSL_ERROR_WANT_WRITE:
            return Result::want_write;
        case SSL_ERROR_ZERO_RETURN:
            return Result::closed;
        case SSL_ERROR_SYSCALL:
            ERR_clear_error();
            failure_ = "the connection broke";
            return Result::failed;
        default:
            failure_ = take_openssl_error();
            return Result::failed;
    }
}

void TlsStream::give_no_tickets() {
    SSL_set_num_tickets(ssl_.get(), 0);
}

TlsStream::Result TlsStream::handshake() {
    ERR_clear_error();
    return result_of(SSL_do_handshake(ssl_.get()));
}

TlsStream::Transfer TlsStream::read(char* buffer, std::size_t size) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_read_ex(ssl_.get(), buffer, size, &count);
    return {result_of(returned), count};
}

TlsStream::Transfer TlsStream::write(std::string_view bytes) {
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_write_ex(ssl_.get(), bytes.data(), std::min(bytes.size(), largest_record), &count);
    return {result_of(returned), count};
}

void TlsStream::close_notify() {
    if (SSL_in_init(ssl_.get()) == 0) SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

TlsState TlsStream::state() const {
    SSL* const ssl = ssl_.get();
    const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const auto* const entry = static_cast<const TlsContext::Entry*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    return {.version = SSL_get_version(ssl),
            .cipher = SSL_get_cipher_name(ssl),
            .server_name = name == nullptr ? "" : name,
            .server_end_point = entry->server_end_point,
            .exporter = exporter_of(ssl)};
}

}  // namespace mox::net
