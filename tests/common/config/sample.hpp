#pragma once

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

std::span<const sconf::Field> fields_of(const Inner*);
std::span<const sconf::Field> fields_of(const Loose*);
std::span<const sconf::Field> fields_of(const Sample*);

}  // namespace mox::config::test
