#pragma once

#include <string>
#include <string_view>

namespace mox::model {

// Why `expression` is no regular expression in RE2's syntax, for people; empty when it is one.
[[nodiscard]] std::string regexp_problem(std::string_view expression);

}  // namespace mox::model
