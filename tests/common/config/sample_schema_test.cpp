#include "common/config/sample.hpp"

#include <array>

namespace mox::config::test {

namespace {

using sconf::optional;
using sconf::required;

constexpr std::array inner_fields{required<&Inner::name>("Name"), optional<&Inner::number>("Number", "A number.")};
constexpr std::array loose_fields{optional<&Loose::flag>("Flag"), optional<&Loose::items>("Items")};
constexpr std::array sample_fields{
    required<&Sample::text>("Text", "Words."), optional<&Sample::flag>("Flag"),
    optional<&Sample::number>("Number"),       optional<&Sample::count>("Count"),
    optional<&Sample::ratio>("Ratio"),         optional<&Sample::time>("Time"),
    optional<&Sample::bytes>("Bytes"),         optional<&Sample::list>("List"),
    optional<&Sample::structs>("Structs"),     optional<&Sample::texts>("Texts"),
    optional<&Sample::inners>("Inners"),       optional<&Sample::maybe>("Maybe"),
    optional<&Sample::loose>("Loose"),         optional<&Sample::delay>("Delay"),
    optional<&Sample::deep>("Deep"),
};
static_assert(sconf::names_are_unique(sample_fields));

}  // namespace

std::span<const sconf::Field> fields_of(const Inner*) {
    return inner_fields;
}
std::span<const sconf::Field> fields_of(const Loose*) {
    return loose_fields;
}
std::span<const sconf::Field> fields_of(const Sample*) {
    return sample_fields;
}

}  // namespace mox::config::test
