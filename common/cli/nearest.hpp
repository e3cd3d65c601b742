#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mox::cli {

// The candidate that `word` is most likely a slip of: the fewest insertions, deletions, substitutions and swaps of
// neighbours, at most a third of the word's length (at least 1). nullopt when there is none.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace mox::cli
