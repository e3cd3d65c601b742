#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/reporter.hpp"
#include "outlet/writer.hpp"
#include "store/account.hpp"
#include "tools/export/selection.hpp"

// The work of mox-export: one thread lists and writes in order, others read, check and convert.

namespace mox::exporting {

struct Totals {
    std::int64_t mailboxes = 0, messages = 0;
    std::int64_t size_bytes = 0;  // of the contents that were exported
    std::int64_t damaged = 0;     // exported, but other than the database says
    std::int64_t failed = 0;      // left out: no file, or it cannot be read
};

// Exports everything; complete and durable at return. Messages with a problem are errors of `out`. `done` is called
// after each mailbox, with what it holds.
[[nodiscard]] Totals export_all(store::Account& account, Selection& selection, outlet::Writer& writer, unsigned jobs,
                                cli::Reporter& out,
                                const std::function<void(const SelectedMailbox&, const Totals&)>& done);

}  // namespace mox::exporting
