#include "tools/shared/change_options.hpp"

#include "base/error.hpp"
#include "datadir/layout.hpp"
#include "server/ctl/client.hpp"

namespace mox::tools {

void add_change_options(cli::CommandLine& app, ChangeOptions& options) {
    app.add_option("-c,--config", options.config, "Configuration file; default: $MOXCONF, else config/mox.conf.")
        .type_name("FILE");
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

admin::DomainsFile open_for_change(const ChangeOptions& options) {
    return admin::DomainsFile(config::find_config(options.config), options.lock_timeout);
}

void save_change(admin::DomainsFile& file, const ChangeOptions& options, cli::Reporter& out, admin::NewFiles* made) {
    if (options.dry_run) return;
    file.save(made);
    if (file.config().paths.data.empty() || !directory_exists(file.config().paths.data)) return;
    const ctl::Client::Answer answer{
        .line = [](std::string_view) {},
        .warning = [&](std::string_view message, std::string_view hint) { out.warning(message, hint); }};
    try {
        auto server = ctl::Client::connect(datadir::Layout(file.config().paths.data));
        if (server && server->ask({.command = "reload", .arguments = {}}, answer) == 0)
            out.step("the running server has taken the change over");
    } catch (const Error& error) {
        out.warning(std::string("the running server has not taken the change over: ") + error.what(), error.hint());
    }
}

}  // namespace mox::tools
