#pragma once

#include "cli/exit.hpp"
#include "cli/reporter.hpp"
#include "datadir/layout.hpp"
#include "tools/verifydata/verifydata.hpp"

namespace mox::verifydata {

// --rebuild. Exit::failed when files could not be read.
[[nodiscard]] cli::Exit rebuild(const datadir::Layout& layout, const Options& options, cli::Reporter& out);

}  // namespace mox::verifydata
