#pragma once

#include "base/error.hpp"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace mox::cli {

// What the parser refused, in our words: Error{usage} with a hint when there is an option of a similar name.
[[nodiscard]] Error usage_error(const CLI::App& app, const CLI::ParseError& error);

}  // namespace mox::cli
