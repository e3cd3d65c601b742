#pragma once

#include "db/schema.hpp"

namespace mox::store {

// The account database, accounts/<name>/index.db. The columns and their meaning: docs/data-directory.md, "Account
// database".
[[nodiscard]] const db::Schema& account_schema();

}  // namespace mox::store
