#include "intake/thunderbird.hpp"

#include <charconv>
#include <cstdint>
#include <string>

#include "base/encoding.hpp"

namespace mox::intake {

namespace {

std::uint32_t bits_of(std::string_view value) {
    value = trimmed(value);
    std::uint32_t bits = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), bits, 16);
    return parsed.ec == std::errc() ? bits : 0;
}

}  // namespace

void add_mozilla_status(model::FlagsAndKeywords& to, std::string_view value) {
    constexpr struct {
        std::uint32_t bit;
        model::Flag flag;
    } meanings[] = {{0x0001, model::Flag::seen},
                    {0x0002, model::Flag::answered},
                    {0x0004, model::Flag::flagged},
                    {0x0008, model::Flag::deleted},
                    {0x1000, model::Flag::forwarded}};
    const std::uint32_t bits = bits_of(value);
    for (const auto& meaning : meanings)
        if ((bits & meaning.bit) != 0) to.flags = to.flags.with(meaning.flag);
}

void add_mozilla_status2(model::FlagsAndKeywords& to, std::string_view value) {
    constexpr std::uint32_t receipt_sent = 0x00800000;
    constexpr unsigned label_shift = 25;
    const std::uint32_t bits = bits_of(value);
    if ((bits & receipt_sent) != 0) to.flags = to.flags.with(model::Flag::mdn_sent);
    if (const std::uint32_t label = (bits >> label_shift) & 7U; label >= 1 && label <= 5)
        model::add_foreign_name(to, "$label" + std::to_string(label));
}

}  // namespace mox::intake
