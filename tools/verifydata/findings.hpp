#pragma once

#include <bitset>
#include <string>
#include <vector>

#include "check/verify.hpp"
#include "cli/reporter.hpp"

namespace mox::verifydata {

// The checks of these ids; Errc::usage for one that there is not.
[[nodiscard]] std::bitset<check::check_count> checks_named(const std::vector<std::string>& ids);

// A finding as it is shown. One without a hint gets that of the repair, if `may_fix`, or else what a person can do.
enum class MayFix { no, yes };
[[nodiscard]] cli::Finding shown(const check::Finding& finding, MayFix may_fix);

// "N accounts, N messages, …": what summaries of both kinds say in the end.
[[nodiscard]] cli::Record with_sums(cli::Record record, const check::Summary& sums, double elapsed_seconds);
inline constexpr const char* sums_text =
    "{accounts:account|accounts}, {messages:message|messages}, {size_bytes:bytes}, in {elapsed_seconds} s";

}  // namespace mox::verifydata
