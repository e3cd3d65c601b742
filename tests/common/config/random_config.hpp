#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "config/sconf.hpp"

// Fills a value of any schema with what a file can hold, at random.

namespace mox::config::test {

inline std::string random_text(Random& random) {
    static constexpr std::array<std::string_view, 16> pieces{"a", "Z",   "0",    " ", "\t", ":",  "#",   "-",
                                                             "é", "nil", "\xff", "'", "\\", "\r", "^x$", "example"};
    std::string text;
    for (auto count = random.below(5); count > 0; --count) text += pieces[random.below(pieces.size())];
    while (text.ends_with('\r')) text.pop_back();
    return text;
}

inline std::string random_key(Random& random) {
    std::string key = random_text(random);
    std::erase(key, ':');
    const auto start = key.find_first_not_of(" \t#");
    return start == std::string::npos ? "k" + std::to_string(random.below(10)) : key.substr(start);
}

void randomise(const sconf::Type& type, void* value, Random& random);

inline void randomise_scalar(sconf::Kind kind, void* value, Random& random) {
    const std::uint64_t bits = (random.below(1U << 31U) << 33U | random.below(1ULL << 33U)) >> random.below(64);
    switch (kind) {
        case sconf::Kind::string:
            *static_cast<std::string*>(value) = random_text(random);
            break;
        case sconf::Kind::boolean:
            *static_cast<bool*>(value) = random.below(2) == 1;
            break;
        case sconf::Kind::integer:
            *static_cast<std::int64_t*>(value) = static_cast<std::int64_t>(bits);
            break;
        case sconf::Kind::unsigned_integer:
            *static_cast<std::uint64_t*>(value) = bits;
            break;
        case sconf::Kind::duration:
            *static_cast<Duration*>(value) = Duration(static_cast<std::int64_t>(bits));
            break;
        case sconf::Kind::bytes:
            static_cast<sconf::Bytes*>(value)->data = random_text(random) + "\n";
            break;
        default: {
            const auto number = std::bit_cast<double>(bits);
            *static_cast<double*>(value) = std::isnan(number) ? std::numeric_limits<double>::infinity() : number;
        }
    }
}

inline void randomise_elements(const sconf::Type& type, void* value, Random& random) {
    const bool is_text = type.element->kind == sconf::Kind::string;
    for (auto count = random.below(3); count > 0; --count) {
        void* element = type.add(value, random_key(random));
        randomise(*type.element, element, random);
        // The one text that a map cannot hold.
        if (type.kind == sconf::Kind::map && is_text && *static_cast<std::string*>(element) == "nil")
            *static_cast<std::string*>(element) = "";
    }
}

inline void randomise(const sconf::Type& type, void* value, Random& random) {
    switch (type.kind) {
        case sconf::Kind::structure:
            for (const auto& field : type.fields())
                if (random.below(3) == 0) randomise(*field.type, field.member(value), random);
            break;
        case sconf::Kind::optional:
            randomise(*type.element, type.add(value, {}), random);
            break;
        case sconf::Kind::list:
        case sconf::Kind::map:
            randomise_elements(type, value, random);
            break;
        default:
            randomise_scalar(type.kind, value, random);
    }
}

template <class T>
T random_config(Random& random) {
    T value;
    randomise(sconf::type_of<T>, &value, random);
    return value;
}

}  // namespace mox::config::test
