#pragma once

#include <catch2/catch.hpp>

#include "cli/testing.hpp"
#include "datadir/layout.hpp"
#include "store/account.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "store/message_file.hpp"
#include "support/logical_dump.hpp"
#include "support/temp_dir.hpp"
#include "tools/gentestdata/gentestdata.hpp"

namespace mox::test {

namespace fs = std::filesystem;

inline cli::ToolRun generate(const fs::path& destination, std::vector<std::string> options = {}) {
    options.push_back(destination.string());
    return cli::run_tool(gentestdata::tool(), options);
}

// What a data directory holds: the rows of all databases and the files beside them. Not the lock files, whose contents
// belong to processes that are gone.
inline std::vector<std::string> logical_dump(const fs::path& root) {
    std::vector<std::string> found;
    for (const auto& [path, hash] : dump_tree(root)) {
        if (path.starts_with("locks/") || path.ends_with("-wal") || path.ends_with("-shm")) continue;
        const bool is_database = path.ends_with(".db");
        found.push_back(path + (is_database ? "" : " " + hash));
        if (!is_database) continue;
        db::Database database(root / path, {.access = db::Access::read_write});
        for (const auto& row : dump_rows(database)) found.push_back(path + ": " + row);
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace mox::test
