#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "check/verify.hpp"
#include "cli/reporter.hpp"
#include "repair/repair.hpp"
#include "tools/verifydata/reading.hpp"

namespace mox::verifydata {

// The checks of these ids; Errc::usage for one that there is not.
[[nodiscard]] std::bitset<check::check_count> checks_named(const std::vector<std::string>& ids);

// A finding as it is shown. One without a hint gets that of the repair, if `may_fix`, or else what a person can do.
enum class MayFix { no, yes };
[[nodiscard]] cli::Finding shown(const check::Finding& finding, MayFix may_fix);

// A repair that was made, or of a dry run would be.
[[nodiscard]] cli::Record shown(const repair::Action& action, bool dry_run = false);

// "N accounts, N messages, …": what summaries of both kinds say in the end, as text and as values. Of a sample they say
// how large it was, and its seed.
[[nodiscard]] std::string sums_text(const Reading& reading);
[[nodiscard]] cli::Record with_sums(cli::Record record, const check::Summary& sums, const Reading& reading,
                                    double elapsed_seconds);

}  // namespace mox::verifydata
