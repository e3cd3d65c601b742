#pragma once

#include <optional>

#include "db/database.hpp"
#include "queue/message.hpp"

// Messages to and from the rows of queue/index.db: for this folder, and for verification, which opens databases itself.

namespace mox::queue {

// Inside the caller's transaction. The message has its id, and is pending or retired.
void insert_message(db::Database& database, const Message& message);
void insert_attempt(db::Database& database, MessageId id, std::int64_t number, const Attempt& attempt);
void insert_retired(db::Database& database, MessageId id, const Retired& retired);
[[nodiscard]] std::optional<Message> load_message(db::Database& database, MessageId id);

}  // namespace mox::queue
