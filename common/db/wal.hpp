#pragma once

#include <filesystem>
#include <string>

namespace mox::db {

// What is wrong with the log beside a database ("…-wal") that nobody has open; empty when nothing is, or when there is
// none. SQLite reads a log up to the first frame that does not fit and takes the rest for what a crash left half
// written. Here the rest is looked at: where a whole transaction stands behind the frame and another one was begun
// after that, the frame had been written and synced, and was damaged since (SQLite file format, section 4). Of the last
// transaction nobody can tell.
[[nodiscard]] std::string wal_damage(const std::filesystem::path& database);

}  // namespace mox::db
