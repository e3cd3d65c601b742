#include "base/hash.hpp"

#include <openssl/evp.h>
#define XXH_INLINE_ALL
// Most of what is hashed is a few bytes long: no call into a library.
#define XXH_INLINE_ALL  // NOLINT(cppcoreguidelines-macro-usage)
#include <xxhash.h>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox {

namespace {

struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Fetching an algorithm takes OpenSSL 3 longer than hashing a small message, so it is done once and kept.
const EVP_MD* sha256_algorithm() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return algorithm;
}

void require(int result) {
    if (result != 1) throw Error(Errc::failed, "SHA-256: OpenSSL failed");
}

}  // namespace

struct Sha256::State {
    std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
    require(EVP_DigestInit_ex2(state_->context.get(), sha256_algorithm(), nullptr));
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
    require(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()));
}

Sha256Digest Sha256::finish() {
    Sha256Digest digest;
    require(EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(digest.data()), nullptr));
    require(EVP_DigestInit_ex2(state_->context.get(), nullptr, nullptr));
    return digest;
}

Sha256Digest sha256(std::span<const std::byte> bytes) {
    Sha256 hash;
    hash.update(bytes);
    return hash.finish();
}

std::string to_hex(const Sha256Digest& digest) {
    return to_hex(std::span<const std::byte>(digest));
}

std::uint64_t xxh3_64(std::span<const std::byte> bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}
std::uint64_t xxh3_64(std::string_view text) {
    return XXH3_64bits(text.data(), text.size());
}

}  // namespace mox
