#include "keys/openssl.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/error.hpp"

namespace mox::keys {

void Free::operator()(bio_st* bio) const {
    BIO_free_all(bio);
}
void Free::operator()(evp_pkey_st* key) const {
    EVP_PKEY_free(key);
}
void Free::operator()(x509_st* certificate) const {
    X509_free(certificate);
}

Owned<BIO> bio_of(std::string_view text) {
    return Owned<BIO>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Owned<BIO> memory_bio() {
    return Owned<BIO>(BIO_new(BIO_s_mem()));
}

std::string contents_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::string public_key_der(EVP_PKEY* key) {
    unsigned char* bytes = nullptr;
    const int size = i2d_PUBKEY(key, &bytes);
    if (size <= 0) throw Error(Errc::failed, "a public key cannot be written: OpenSSL failed");
    std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return out;
}

}  // namespace mox::keys
