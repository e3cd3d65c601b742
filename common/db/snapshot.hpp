#pragma once

#include <filesystem>

#include "base/file.hpp"
#include "db/database.hpp"

namespace mox::db {

// Copies a database that others may be writing to, as of one moment: one step of SQLite's backup interface, so writers
// wait for nobody and nothing is copied twice. `to` must not exist; it is left checkpointed and not in WAL mode, so it
// can be read from any medium without side files. Not synced. On failure `to` is removed.
void snapshot(const std::filesystem::path& from, const std::filesystem::path& to, const OpenOptions& options = {},
              const Ownership& ownership = {});

// The same of an open database, which may be in a read transaction.
void snapshot(Database& from, const std::filesystem::path& to, const OpenOptions& options = {},
              const Ownership& ownership = {});

}  // namespace mox::db
