#include "keys/private_key.hpp"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/error.hpp"
#include "keys/openssl.hpp"
#include "keys/pem.hpp"
#include "keys/private_key_state.hpp"

namespace mox::keys {

namespace {

constexpr std::size_t rsa_bits = 2048, ed25519_bytes = 32;

Owned<EVP_PKEY> generated(KeyKind kind) {
    switch (kind) {
        case KeyKind::ed25519:
            return Owned<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
        case KeyKind::ecdsa:
            return Owned<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
        default:
            return Owned<EVP_PKEY>(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", rsa_bits));
    }
}

}  // namespace

PrivateKey::PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

PrivateKey PrivateKey::generate(KeyKind kind) {
    auto key = generated(kind);
    if (!key) throw Error(Errc::failed, "a key cannot be made: OpenSSL failed");
    return PrivateKey(std::make_unique<State>(State{std::move(key)}));
}

PrivateKey PrivateKey::parse(std::string_view pem) {
    return PrivateKey(std::make_unique<State>(State{read_private_key(pem)}));
}

KeyKind PrivateKey::kind() const {
    switch (EVP_PKEY_get_base_id(state_->key.get())) {
        case EVP_PKEY_ED25519:
            return KeyKind::ed25519;
        case EVP_PKEY_RSA:
            return KeyKind::rsa;
        case EVP_PKEY_EC:
            return KeyKind::ecdsa;
        default:
            return KeyKind::other;
    }
}

int PrivateKey::bits() const {
    return kind() == KeyKind::ed25519 ? 256 : EVP_PKEY_get_bits(state_->key.get());
}

std::string PrivateKey::to_pem() const {
    const auto bio = memory_bio();
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
        throw Error(Errc::failed, "a private key cannot be written: OpenSSL failed");
    return contents_of(bio.get());
}

std::string PrivateKey::public_key() const {
    return public_key_der(state_->key.get());
}

std::string PrivateKey::dkim_public_key() const {
    if (kind() != KeyKind::ed25519) return public_key();
    std::string raw(ed25519_bytes, '\0');
    std::size_t size = raw.size();
    if (EVP_PKEY_get_raw_public_key(state_->key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size) != 1)
        throw Error(Errc::failed, "a public key cannot be written: OpenSSL failed");
    return raw;
}

}  // namespace mox::keys
