#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mox {

using Sha256Digest = std::array<std::byte, 32>;

// SHA-256 (FIPS 180-4) of bytes that arrive in pieces. One object can be used for many messages, one after the other;
// not from two threads at a time. Throws Error{failed} when OpenSSL does.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::span<const std::byte> bytes);
    // The digest of everything since construction or the last finish(), then starts again.
    [[nodiscard]] Sha256Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

[[nodiscard]] Sha256Digest sha256(std::span<const std::byte> bytes);
[[nodiscard]] std::string to_hex(const Sha256Digest& digest);

// XXH3, 64 bits: fast, not cryptographic. Its values are stored (row seals), so it may never change.
[[nodiscard]] std::uint64_t xxh3_64(std::span<const std::byte> bytes);
[[nodiscard]] std::uint64_t xxh3_64(std::string_view text);

}  // namespace mox
