#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mox::intake {

// How often `byte` is in `text`, eight bytes at a time: counting lines must not cost more than finding messages.
[[nodiscard]] inline std::uint64_t count_byte(std::string_view text, char byte) {
    constexpr std::uint64_t each_byte = 0x0101010101010101U;
    constexpr std::uint64_t low_bits = 0x7f7f7f7f7f7f7f7fU;
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t total = 0;
    while (left >= 8) {
        const std::size_t steps = left / 8 < 255 ? left / 8 : 255;  // each byte of `counts` counts up to 255
        std::uint64_t counts = 0;
        for (std::size_t i = 0; i < steps; ++i, at += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, at, 8);
            word ^= each_byte * static_cast<unsigned char>(byte);
            const std::uint64_t nonzero = ((word & low_bits) + low_bits) | word;  // top bit of each byte
            counts += (~nonzero >> 7U) & each_byte;
        }
        left -= steps * 8;
        const std::uint64_t pairs = (counts & 0x00ff00ff00ff00ffU) + ((counts >> 8U) & 0x00ff00ff00ff00ffU);
        total += (pairs * 0x0001000100010001U) >> 48U;
    }
    for (; left > 0; --left, ++at) total += *at == byte ? 1 : 0;
    return total;
}

}  // namespace mox::intake
