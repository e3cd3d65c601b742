#pragma once

#include <memory>
#include <string>
#include <string_view>

// Private keys in files: of DKIM and of TLS. OpenSSL stays inside.

namespace mox::keys {

enum class KeyKind { ed25519, rsa, ecdsa, other };

class PrivateKey {
public:
    // A new Ed25519 key, or RSA of 2048 bits, or ECDSA on P-256.
    [[nodiscard]] static PrivateKey generate(KeyKind kind);
    // The first private key of a PEM text: PKCS#8, or the older forms. Throws Error{failed} saying what is wrong: none
    // there, encrypted, broken.
    [[nodiscard]] static PrivateKey parse(std::string_view pem);

    PrivateKey(PrivateKey&&) noexcept;
    PrivateKey& operator=(PrivateKey&&) noexcept;
    ~PrivateKey();

    [[nodiscard]] KeyKind kind() const;
    [[nodiscard]] int bits() const;  // 256 for Ed25519
    // PKCS#8 in PEM, not encrypted.
    [[nodiscard]] std::string to_pem() const;
    // SubjectPublicKeyInfo in DER, by which keys and certificates are compared.
    [[nodiscard]] std::string public_key() const;
    // What the tag p= of a DKIM record holds, before base64: the 32 bytes of an Ed25519 key (RFC 8463), else
    // public_key().
    [[nodiscard]] std::string dkim_public_key() const;

    struct State;
    [[nodiscard]] const State& state() const { return *state_; }

private:
    explicit PrivateKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace mox::keys
