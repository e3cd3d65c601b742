#include "base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/error.hpp"

namespace mox {

std::uint64_t Random::below(std::uint64_t bound) {
    // Rejecting the incomplete last range keeps every result equally likely.
    const std::uint64_t limit = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
    for (;;) {
        std::array<std::byte, 8> bytes;
        fill(bytes);
        std::uint64_t value = 0;
        for (const auto byte : bytes) value = value << 8 | std::to_integer<std::uint64_t>(byte);
        if (value < limit) return value % bound;
    }
}

void SystemRandom::fill(std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const std::size_t piece = std::min<std::size_t>(bytes.size(), 256);  // getentropy's limit
        if (::getentropy(bytes.data(), piece) != 0) throw system_error(errno, "getentropy");
        bytes = bytes.subspan(piece);
    }
}

void SeededRandom::fill(std::span<std::byte> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        // One step of SplitMix64 for each eight bytes, most significant byte first.
        static_assert(sizeof(state_) == 8);
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        z ^= z >> 31;
        for (std::size_t k = 0; k < 8 && i < bytes.size(); ++k, ++i)
            bytes[i] = static_cast<std::byte>(z >> (56 - 8 * k));
        --i;
    }
}

}  // namespace mox
