#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/sconf.hpp"

// A schema with every kind of field, for tests of the syntax.

namespace mox::config::test {

struct Inner {
    std::string name;
    std::int64_t number = 0;
    bool operator==(const Inner&) const = default;
};

struct Loose {  // nothing required
    bool flag = false;
    std::vector<std::string> items;
    bool operator==(const Loose&) const = default;
};

struct Sample {
    std::string text;
    bool flag = false;
    std::int64_t number = 0;
    std::uint64_t count = 0;
    double ratio = 0;
    Duration time{};
    sconf::Bytes bytes;
    std::vector<std::string> list;
    std::vector<Inner> structs;
    std::map<std::string, std::string> texts;
    std::map<std::string, Inner> inners;
    std::optional<Inner> maybe;
    std::optional<Loose> loose;
    std::optional<Duration> delay;
    std::vector<std::map<std::string, std::vector<std::int64_t>>> deep;
    bool operator==(const Sample&) const = default;
};

inline std::span<const sconf::Field> fields_of(const Inner*);
inline std::span<const sconf::Field> fields_of(const Loose*);
inline std::span<const sconf::Field> fields_of(const Sample*);

inline constexpr std::array inner_fields{sconf::required<&Inner::name>("Name"),
                                         sconf::optional<&Inner::number>("Number", "A number.")};
inline constexpr std::array loose_fields{sconf::optional<&Loose::flag>("Flag"),
                                         sconf::optional<&Loose::items>("Items")};
inline constexpr std::array sample_fields{
    sconf::required<&Sample::text>("Text", "Words."), sconf::optional<&Sample::flag>("Flag"),
    sconf::optional<&Sample::number>("Number"),       sconf::optional<&Sample::count>("Count"),
    sconf::optional<&Sample::ratio>("Ratio"),         sconf::optional<&Sample::time>("Time"),
    sconf::optional<&Sample::bytes>("Bytes"),         sconf::optional<&Sample::list>("List"),
    sconf::optional<&Sample::structs>("Structs"),     sconf::optional<&Sample::texts>("Texts"),
    sconf::optional<&Sample::inners>("Inners"),       sconf::optional<&Sample::maybe>("Maybe"),
    sconf::optional<&Sample::loose>("Loose"),         sconf::optional<&Sample::delay>("Delay"),
    sconf::optional<&Sample::deep>("Deep"),
};
static_assert(sconf::names_are_unique(sample_fields));

inline std::span<const sconf::Field> fields_of(const Inner*) {
    return inner_fields;
}
inline std::span<const sconf::Field> fields_of(const Loose*) {
    return loose_fields;
}
inline std::span<const sconf::Field> fields_of(const Sample*) {
    return sample_fields;
}

}  // namespace mox::config::test
