#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "cli/progress.hpp"
#include "datadir/layout.hpp"

// Large directories of made-up mail, for measurements.

namespace mox::gentestdata {

// The text of message `number` of the sequence that `seed` names: 0.5 to 60 KiB, plain, with an alternative part or
// with an attachment, in conversations. Always the same for the same two numbers. CRLF line ends.
[[nodiscard]] std::string made_up_message(std::uint64_t seed, std::int64_t number);

// Accounts account0, account1, … with `messages` messages each, spread over a few mailboxes.
void fill_accounts(const datadir::Layout& layout, const Clock& clock, std::uint64_t seed, std::int64_t accounts,
                   std::int64_t messages, unsigned jobs, cli::Progress& progress);

}  // namespace mox::gentestdata
