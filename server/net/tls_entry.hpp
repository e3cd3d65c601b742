#pragma once

#include <memory>
#include <string>

#include "server/net/tls.hpp"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX
struct x509_st;     // and X509

namespace mox::net {

// One certificate with its key, as OpenSSL wants it.
struct TlsContext::Entry {
    Entry();
    ~Entry();
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

    ssl_ctx_st* context = nullptr;   // owned
    x509_st* certificate = nullptr;  // of the context
    std::string server_end_point;    // RFC 5929 section 4.1; empty: not defined for it
};

// The last thing that OpenSSL complained about on this thread, for people; its list is empty then.
[[nodiscard]] std::string take_openssl_error();

}  // namespace mox::net
