#pragma once

#include <string>

#include "db/schema.hpp"
#include "junk/filter_db.hpp"
#include "repair/part.hpp"

// The repairs of each kind of part, in their order.

namespace mox::repair {

void fix_account(Part& part, const std::string& name);
void fix_queue(Part& part);
void fix_database(Part& part, const std::filesystem::path& path, const db::Schema& schema);

// Words that a junk filter is made with: those of the filter at `path`, our own if it cannot be read.
[[nodiscard]] junk::Parameters parameters_of(const std::filesystem::path& path);

}  // namespace mox::repair
