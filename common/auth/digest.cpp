#include "auth/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/error.hpp"

namespace mox::auth {

namespace {

// Fetching an algorithm takes OpenSSL 3 longer than using it, so it is done once and kept.
const EVP_MD* algorithm(Digest digest) {
    static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
    static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return digest == Digest::sha1 ? sha1 : sha256;
}

void require(bool done, std::string_view what) {
    if (!done) throw Error(Errc::failed, std::string(what) + ": OpenSSL failed");
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::size_t size_of(Digest digest) {
    return digest == Digest::sha1 ? 20 : 32;
}

std::string hash(Digest digest, std::string_view text) {
    std::string out(size_of(digest), '\0');
    require(EVP_Digest(text.data(), text.size(), bytes_of(out), nullptr, algorithm(digest), nullptr) == 1, "hash");
    return out;
}

std::string hmac(Digest digest, std::string_view key, std::string_view text) {
    std::string out(size_of(digest), '\0');
    require(HMAC(algorithm(digest), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
                 bytes_of(out), nullptr) != nullptr,
            "HMAC");
    return out;
}

std::string pbkdf2(Digest digest, std::string_view password, std::string_view salt, std::int64_t iterations) {
    std::string out(size_of(digest), '\0');
    require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                              static_cast<int>(salt.size()), static_cast<int>(iterations), algorithm(digest),
                              static_cast<int>(out.size()), bytes_of(out)) == 1,
            "PBKDF2");
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mox::auth
