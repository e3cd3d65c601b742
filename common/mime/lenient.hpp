#pragma once

#include <string_view>

#include "mime/address.hpp"
#include "mime/parameters.hpp"

// Our own readers alone, which parse_parameterised() and parse_addresses() fall back on where mimetic's reading is of
// no use. For tests: where mimetic's is used, both agree.

namespace mox::mime {

[[nodiscard]] ParameterisedField parse_parameterised_leniently(std::string_view value);
[[nodiscard]] AddressList parse_addresses_leniently(std::string_view value);

}  // namespace mox::mime
