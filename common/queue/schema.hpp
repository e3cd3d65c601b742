#pragma once

#include "db/schema.hpp"

namespace mox::queue {

// queue/index.db, the database of outgoing mail: application id "moxQ". docs/databases.md explains its tables.
[[nodiscard]] const db::Schema& queue_schema();

}  // namespace mox::queue
