#pragma once

#include "base/clock.hpp"
#include "datadir/layout.hpp"

// The fixed scenario: that of the original's command of the same name, and an account with the hard cases.

namespace mox::gentestdata {

// Account test0 (empty), test1 (one message), test2 (domain ☺.example, a junk filter, a message with a prefix), test3
// (keywords, expunged messages, nested and non-ASCII mailboxes, threads, a muted thread, a reject); one queued message;
// a DMARC report, a TLS report and an MTA-STS policy. Returns the number of messages.
std::int64_t write_scenario(const datadir::Layout& layout, FixedClock& clock);

}  // namespace mox::gentestdata
