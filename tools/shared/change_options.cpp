#include "tools/shared/change_options.hpp"

#include <CLI/CLI.hpp>

namespace mox::tools {

void add_change_options(CLI::App& app, ChangeOptions& options) {
    app.add_option("-c,--config", options.config, "Configuration file; default: $MOXCONF, else config/mox.conf.")
        ->type_name("FILE");
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

admin::DomainsFile open_for_change(const ChangeOptions& options) {
    return admin::DomainsFile(config::find_config(options.config), options.lock_timeout);
}

}  // namespace mox::tools
