#pragma once

#include <string>
#include <string_view>

namespace mox::tools {

inline constexpr std::size_t max_password_input_bytes = 1024;

// A new password: typed twice at the terminal, without showing it, or the first line of standard input when that is no
// terminal. Never from the command line, where others could see it. `what` is asked for: "password of account 'ana'".
// Throws Error{usage} when the two differ, or when there is none or an overlong one.
[[nodiscard]] std::string read_new_password(std::string_view what);

}  // namespace mox::tools
