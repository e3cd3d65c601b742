#pragma once

#include <string>

#include "db/schema.hpp"
#include "repair/part.hpp"

// The repairs of each kind of part, in their order.

namespace mox::repair {

void fix_account(Part& part, const std::string& name);
void fix_queue(Part& part);
void fix_database(Part& part, const std::filesystem::path& path, const db::Schema& schema);

}  // namespace mox::repair
