#pragma once

#include <cstdint>

#include "db/database.hpp"

namespace mox::load {

// What an account holds, as one number: its mailboxes with UIDVALIDITY and UIDNEXT, and of every message in them UID,
// flags, keywords, modseq and the hash of its file. A sum over all of them, so their order does not matter. It may be
// asked inside a transaction, and then is the state as its commit will leave it.
[[nodiscard]] std::uint64_t state_hash(db::Database& database);

// The same of a database at rest, with the modseq that it stands at.
struct State {
    std::int64_t modseq = 0;
    std::uint64_t hash = 0;
    friend bool operator==(const State&, const State&) = default;
};
[[nodiscard]] State state_of(db::Database& database);

}  // namespace mox::load
