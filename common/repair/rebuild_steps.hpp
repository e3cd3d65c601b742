#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "repair/rebuild.hpp"
#include "store/account.hpp"

// The steps of a rebuild. Internal to this folder.

namespace mox::repair {

// Numbers that must not be given out again.
struct UsedNumbers {
    std::int64_t next_message_id = 1, next_uidvalidity = 1, last_modseq = 1;
    void raise_to(const UsedNumbers& other);
};
// Those of a database, of whatever condition; nullopt when its row of counters cannot be trusted.
[[nodiscard]] std::optional<UsedNumbers> used_numbers(const std::filesystem::path& database,
                                                      const std::filesystem::path& scratch);
// Throws as rebuild() when a database is not one to be made anew. Nothing when it is missing.
void require_beyond_repair(const std::filesystem::path& database, const std::filesystem::path& scratch,
                           std::chrono::milliseconds lock_timeout);

// rebuild_database.cpp: the database that files are compared with, in a data directory of its own: a copy of the
// snapshot's without reservations and training, or that of a new account. Its folder of messages is that of the account
// `messages`.
struct Beginning {
    store::Account account;
    bool trains = false;  // the snapshot's did
};
[[nodiscard]] Beginning begin_database(const datadir::Layout& beside, const RebuildOptions& options,
                                       const std::filesystem::path& messages);
// The last step: no number is given out again, and every mailbox has a new UIDVALIDITY.
void raise_numbers(store::Account& account, const UsedNumbers& used);

// rebuild_files.cpp: brings the rows in line with the files of the account.
struct FilesResult {
    Rebuilt sums;
    std::int64_t highest_id = 0;
    std::vector<std::string> strays;  // names below the folder of messages that are no messages' files
};
[[nodiscard]] FilesResult take_files(store::Account& account, const RebuildOptions& options, const Sinks& sinks);

}  // namespace mox::repair
