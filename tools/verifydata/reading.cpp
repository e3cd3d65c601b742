#include "tools/verifydata/reading.hpp"

#include <charconv>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/random.hpp"

namespace mox::verifydata {

namespace {

constexpr std::uint64_t seeds = 1'000'000'000;  // few digits to copy

// "10%", "10" or "0.5%" as 0.1, 0.1 and 0.005.
double share_of(std::string_view text) {
    std::string_view digits = text;
    if (digits.ends_with('%')) digits.remove_suffix(1);
    double percent = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), percent, std::chars_format::fixed);
    if (error != std::errc() || end != digits.data() + digits.size() || !(percent > 0 && percent <= 100))
        throw Error(Errc::usage, "--read-data=" + std::string(text) + " is no percentage",
                    "a number above 0 and up to 100, such as --read-data=10%");
    return percent / 100;
}

}  // namespace

Reading reading_of(const Options& options) {
    if (options.read_data.empty()) {
        if (options.seed)
            throw Error(Errc::usage, "--seed is for a random sample of contents", "add --read-data=PERCENT, say 10%");
        return {};
    }
    Reading reading{.contents = check::Contents::hashes};
    const double share = share_of(options.read_data);
    if (share < 1 || options.seed)
        reading.sample = {.seed = options.seed ? *options.seed : SystemRandom().below(seeds), .share = share};
    return reading;
}

}  // namespace mox::verifydata
