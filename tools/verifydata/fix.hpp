#pragma once

#include "cli/exit.hpp"
#include "cli/reporter.hpp"
#include "datadir/layout.hpp"
#include "tools/verifydata/verifydata.hpp"

namespace mox::verifydata {

// --fix and its dry run.
[[nodiscard]] cli::Exit fix(const datadir::Layout& layout, const Options& options, cli::Reporter& out);

}  // namespace mox::verifydata
