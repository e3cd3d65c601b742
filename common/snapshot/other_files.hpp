#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "snapshot/run.hpp"

// Files that are neither databases nor messages of one. Internal to this folder.

namespace mox::snapshot {

enum class Report {
    nothing,     // the file belongs here
    unexpected,  // each is a problem, although it is copied
};

// Copies the file or the folder `path` ("acme") with all it holds, and lists it in the manifest. What is no regular
// file is a problem and not copied; what vanishes meanwhile is nothing.
void copy_listed(Run& run, const std::string& path, Report report);

// Copies the configuration: regular files with their modes, and links as links. `skip` is a directory that is left out
// (a data directory inside of it).
void copy_config(Run& run, const std::filesystem::path& skip);

// What lies directly below the data directory and is handled nowhere else.
void copy_rest_of_root(Run& run);
// What lies in accounts/ and is no account, and in an account and is neither a database of it nor its messages.
void copy_rest_of_accounts(Run& run, const std::vector<std::string>& accounts);

// True for "index.db-wal" and the like beside a database, and for what an interrupted atomic write leaves.
[[nodiscard]] bool is_side_file(std::string_view name);

}  // namespace mox::snapshot
