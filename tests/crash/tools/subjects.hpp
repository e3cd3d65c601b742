#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datadir/layout.hpp"
#include "states.hpp"
#include "support/fault_run.hpp"

// The directories and commands that the tests of this folder disturb.

namespace mox::test {

// Every how many boundaries; 1: all. Statements about all phases are made only then.
inline constexpr std::size_t sample = MOX_CRASH_SAMPLE;
[[nodiscard]] constexpr std::size_t every(std::size_t n) {
    return n * sample;
}

// Where the directories of many short runs lie: in memory if there is such a place, so that syncs cost nothing.
[[nodiscard]] std::filesystem::path working_place();

// A data directory that every test copies: two accounts with mail, a queue, a report database.
enum class Past { quiet, crashed };  // crashed: an import into alice was killed and has left files, a scratch file, ids
[[nodiscard]] datadir::Layout make_data_directory(const std::filesystem::path& target, Past past);

// Five messages with flags, keywords and dates. In account alice, into "Inbox" (mbox) and the new mailbox "New/Import".
[[nodiscard]] std::filesystem::path small_mbox();
[[nodiscard]] std::filesystem::path small_maildir();
// The same messages and more in several mailboxes: a Maildir++ and an mbox file, as a folder and in an archive.
[[nodiscard]] std::filesystem::path small_tree();
[[nodiscard]] std::filesystem::path small_archive();
// An mbox of `count` messages.
void write_mbox(const std::filesystem::path& file, std::size_t count);

// `mailbox`: empty for the forms "auto" and "archive".
[[nodiscard]] Command import_command(const datadir::Layout& data, const std::string& form, const std::string& mailbox,
                                     const std::filesystem::path& source);

// Runs a program to its end, undisturbed.
[[nodiscard]] RunResult run_tool(const Command& command);
// mox-verifydata --read-data finds nothing at all, warnings included; otherwise what it said.
[[nodiscard]] std::string verification_trouble(const std::filesystem::path& directory);

// The next program that writes into alice: imports one message into the mailbox "After". Returns its output if it
// failed.
inline constexpr const char* after_mailbox = "After";
[[nodiscard]] std::string next_import_trouble(const datadir::Layout& data);

}  // namespace mox::test
