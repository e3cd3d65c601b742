#include "check/reservations.hpp"

#include <fmt/format.h>

#include <string>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "datadir/lock.hpp"

namespace mox::check {

namespace {

bool is_owner_running(const datadir::Layout& layout, int number, std::string_view token) {
    try {
        return datadir::is_reservation_alive(layout, number, token);
    } catch (const Interrupted&) {
        throw;
    } catch (const Error&) {
        return true;  // it cannot be told: nothing is said against what may be right
    }
}

}  // namespace

bool is_reserved(db::Database& database, const datadir::Layout& layout, std::int64_t id) {
    for (const auto& [number, token] : database.rows<int, std::string>(
             "SELECT lock_number, lock_token FROM id_block WHERE ? BETWEEN first_id AND last_id", id))
        if (is_owner_running(layout, number, token)) return true;
    return false;
}

void check_reservations(Scope& scope, OpenedDatabase& opened, std::int64_t next_message_id) {
    const auto database = opened.borrow();
    for (const auto& [id] :
         database->rows<std::int64_t>("SELECT id FROM message WHERE id >= ? ORDER BY id", next_message_id))
        scope.add("next-message-id", opened.path(),
                  fmt::format("message {} is not below {}, the next id to be given out", id, next_message_id));
    for (const auto& [first, last, purpose, number, token] :
         database->rows<std::int64_t, std::int64_t, std::string, int, std::string>(
             "SELECT first_id, last_id, purpose, lock_number, lock_token FROM id_block ORDER BY first_id")) {
        if (first < 1 || last < first || last >= next_message_id)
            scope.add("next-message-id", opened.path(),
                      fmt::format("ids {} to {} are reserved, the next id to be given out is {}", first, last,
                                  next_message_id));
        if (is_owner_running(scope.run().layout, number, token)) continue;
        // An owner that is done removes the row before it lets go of the lock.
        if (opened.borrow_fresh()->value<int>("SELECT 1 FROM id_block WHERE first_id = ? AND lock_token = ?", first,
                                              token))
            scope.add(
                "stale-reservation", opened.path(),
                fmt::format("ids {} to {} are reserved for {}, whose process is gone", first, last, quote(purpose)),
                "the next program that writes here cleans up");
    }
}

}  // namespace mox::check
