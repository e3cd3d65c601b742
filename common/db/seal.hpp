#pragma once

struct sqlite3;

namespace mox::db {

// Registers the SQL function mox_seal(table, values…): a 64-bit XXH3 of the table's name and the values, types and
// lengths included. Tables use it in a stored generated column, so that no statement can forget it:
//
//   seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('mailbox', id, name, …)) STORED
//
// A flipped bit inside a value, which SQLite's own checks do not notice, then disagrees with the seal. What is hashed
// is on disk: never change it.
void register_seal(sqlite3* handle);

}  // namespace mox::db
