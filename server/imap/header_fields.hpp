#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mox::imap {

enum class Fields { only, all_but };

// The fields of `header` with one of those names (in any case), or all others, as they are, and the empty line (RFC
// 9051 section 6.4.5.1, HEADER.FIELDS).
[[nodiscard]] std::string chosen_fields(std::string_view header, const std::vector<std::string>& names, Fields which);

}  // namespace mox::imap
