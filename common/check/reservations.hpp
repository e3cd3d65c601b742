#pragma once

#include <cstdint>

#include "check/opened.hpp"

// The journal of message ids in use (table id_block), which accounts and the queue keep in the same form.

namespace mox::check {

// True when a running process may have made a file for this id.
[[nodiscard]] bool is_reserved(db::Database& database, const datadir::Layout& layout, std::int64_t id);

// Reservations whose owner is gone (a warning), and the counter of ids: above every message and every reservation.
void check_reservations(Scope& scope, OpenedDatabase& opened, std::int64_t next_message_id);

}  // namespace mox::check
