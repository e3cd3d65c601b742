#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "datadir/layout.hpp"
#include "db/database.hpp"
#include "db/schema.hpp"

// The databases that stand directly below a data directory. Each is optional: it is made when first needed.

namespace mox::reports {

[[nodiscard]] const db::Schema& dmarc_reports_schema();      // dmarcrpt.db, "moxD"
[[nodiscard]] const db::Schema& dmarc_evaluations_schema();  // dmarceval.db, "moxE"
[[nodiscard]] const db::Schema& tls_reports_schema();        // tlsrpt.db, "moxT"
[[nodiscard]] const db::Schema& tls_results_schema();        // tlsrptresult.db, "moxR"
[[nodiscard]] const db::Schema& mta_sts_schema();            // mtasts.db, "moxS"

struct DirectoryDatabase {
    std::string_view name;  // of the file, below the data directory
    const db::Schema& (*schema)();
    std::filesystem::path (datadir::Layout::*path)() const;
};
// All of them, auth.db included (layer auth), sorted by name. Besides these a data directory has queue/index.db, and
// for each account index.db and perhaps junkfilter.db.
[[nodiscard]] std::span<const DirectoryDatabase> directory_databases();

// Opens one; what is made has the owner and mode of the directory.
[[nodiscard]] db::Database open_directory_database(const datadir::Layout& layout, const std::filesystem::path& path,
                                                   const db::Schema& schema, const db::OpenOptions& options);

}  // namespace mox::reports
