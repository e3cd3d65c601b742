#pragma once

#include <functional>
#include <string>

#include "repair/part.hpp"

// Repairs of files. No link is followed on the way to one.

namespace mox::repair {

// Moves a file or folder to moved/<its path>, with a number behind the name when there is something already; durable at
// return. False when there is nothing to move. Of a dry run nothing is moved.
[[nodiscard]] bool move_away(Part& part, CheckId check, const std::string& path);
// The same with a copy: the file stays.
[[nodiscard]] bool copy_away(Part& part, CheckId check, const std::string& path);

// The findings of the check "stray-file": each is moved if `is_stray` still says so.
void move_strays(Part& part, const std::function<bool(const std::string& path)>& is_stray);

// The findings of the check "owner-mode".
void mend_owners(Part& part);

}  // namespace mox::repair
