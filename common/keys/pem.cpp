#include "keys/pem.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/error.hpp"

namespace mox::keys {

namespace {

// Never asks at a terminal: an encrypted key is none that a server could read.
int no_password(char*, int, int, void* was_asked) {
    *static_cast<bool*>(was_asked) = true;
    return -1;
}

}  // namespace

Owned<EVP_PKEY> read_private_key(std::string_view pem) {
    bool was_asked = false;
    Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_password, &was_asked));
    ERR_clear_error();
    if (key) return key;
    if (was_asked)
        throw Error(Errc::failed, "the private key is encrypted",
                    "take the password off: openssl pkey -in KEY -out NEW");
    if (pem.find("PRIVATE KEY-----") == std::string_view::npos)
        throw Error(Errc::failed, "there is no private key in PEM form");
    throw Error(Errc::failed, "the private key is broken");
}

std::vector<Owned<X509>> read_certificates(std::string_view pem) {
    std::vector<Owned<X509>> out;
    const auto bio = bio_of(pem);
    ERR_clear_error();
    while (Owned<X509> certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
        out.push_back(std::move(certificate));
    const auto why = ERR_peek_last_error();
    ERR_clear_error();
    if (ERR_GET_REASON(why) != PEM_R_NO_START_LINE) throw Error(Errc::failed, "a certificate is broken");
    if (out.empty()) throw Error(Errc::failed, "there is no certificate in PEM form");
    return out;
}

}  // namespace mox::keys
