#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mox {

// Where random bytes come from: the system, or a seed for data that must be the same every time.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> bytes) = 0;
    // Uniform in [0, bound); bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

// Cryptographically strong. Throws Error{failed} when the system has none.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> bytes) override;
};

// SplitMix64: the same seed gives the same bytes on every machine, for ever. Not for secrets.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::byte> bytes) override;

private:
    std::uint64_t state_;
};

}  // namespace mox
