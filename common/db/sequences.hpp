#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "db/database.hpp"

// The highest id that each table with AUTOINCREMENT ever had, which SQLite keeps in the table sqlite_sequence (SQLite
// documentation, "AUTOINCREMENT"): the only rows of a database without a seal. Of tables whose rows stay it tells
// nothing; of others that ids of rows that are gone are not given out again. A number that is too high only skips ids.

namespace mox::db {

struct SequenceFault {
    std::string table;                 // as sqlite_sequence names it
    std::string detail;                // what is wrong, for people
    std::optional<std::int64_t> last;  // what its number should be; nullopt: there should be none
};

// What cannot be: a number below the ids of the table, or that nothing can have counted up to, tables that are not
// there, or have no number or several. Sorted by table.
[[nodiscard]] std::vector<SequenceFault> sequence_faults(Database& database);

// Puts that right. To be called in a transaction.
void mend_sequence(Database& database, const SequenceFault& fault);

}  // namespace mox::db
