#include "auth/cram_md5.hpp"

#include <openssl/crypto.h>
#include <openssl/md5.h>

#include <array>

#include "base/encoding.hpp"

// Only OpenSSL's older functions let a state be looked at and set.

namespace mox::auth {

namespace {

constexpr std::string_view magic("md5\x01", 4);
constexpr std::size_t block_size = 64, state_size = 92;

void append_number(std::string& out, std::uint64_t number, unsigned bytes) {
    while (bytes-- > 0) out += static_cast<char>(number >> (8 * bytes) & 0xff);
}

std::uint64_t number_at(std::string_view text, std::size_t at, std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i) number = number << 8U | static_cast<unsigned char>(text[at + i]);
    return number;
}

std::string saved(const MD5_CTX& state) {
    std::string out(magic);
    for (const auto word : {state.A, state.B, state.C, state.D}) append_number(out, word, 4);
    out.append(block_size, '\0');
    append_number(out, block_size, 8);
    return out;
}

bool restore(std::string_view text, MD5_CTX& state) {
    MD5_Init(&state);
    if (text.size() != state_size || !text.starts_with(magic) || number_at(text, 84, 8) != block_size) return false;
    std::size_t at = magic.size();
    for (auto* word : {&state.A, &state.B, &state.C, &state.D}) {
        *word = static_cast<MD5_LONG>(number_at(text, at, 4));
        at += 4;
    }
    state.Nl = block_size * 8;  // bits
    return true;
}

std::string after_block(std::string_view key, unsigned char pad) {
    std::array<unsigned char, block_size> block{};
    for (std::size_t i = 0; i < block.size(); ++i)
        block[i] = static_cast<unsigned char>(pad ^ (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U));
    MD5_CTX state;
    MD5_Init(&state);
    MD5_Update(&state, block.data(), block.size());
    OPENSSL_cleanse(block.data(), block.size());
    return saved(state);
}

using Md5 = std::array<unsigned char, MD5_DIGEST_LENGTH>;

Md5 finished(MD5_CTX state, const void* bytes, std::size_t size) {
    Md5 out;
    MD5_Update(&state, bytes, size);
    MD5_Final(out.data(), &state);
    return out;
}

}  // namespace

CramMd5Keys cram_md5_keys(std::string_view password) {
    std::string key(password);
    if (key.size() > block_size) {
        MD5_CTX state;
        MD5_Init(&state);
        const Md5 hash = finished(state, key.data(), key.size());
        key.assign(hash.begin(), hash.end());
    }
    return {after_block(key, 0x36), after_block(key, 0x5c)};
}

std::string cram_md5_digest(const CramMd5Keys& keys, std::string_view challenge) {
    MD5_CTX inner, outer;
    const bool has_inner = restore(keys.ipad, inner), has_outer = restore(keys.opad, outer);
    const Md5 hash = finished(inner, challenge.data(), challenge.size());
    const Md5 digest = finished(outer, hash.data(), hash.size());
    if (!has_inner || !has_outer) return {};
    return to_hex(std::as_bytes(std::span(digest)));
}

}  // namespace mox::auth
