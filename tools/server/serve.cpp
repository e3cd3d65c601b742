#include "server/process/serve.hpp"

#include <cstdlib>

#include "cli/tool.hpp"
#include "config/load.hpp"

// mox serve: the server, in the foreground, until it is stopped.

namespace mox::serve {

namespace {

struct Options {
    std::optional<std::filesystem::path> config;
};

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("-c,--config", options.config, "Configuration file; default: $MOXCONF, else config/mox.conf.")
        .type_name("FILE");
}

cli::Exit run(const Options& options, cli::Reporter&) {
    log::DescriptorSink sink(2, std::getenv("JOURNAL_STREAM"));
    process::serve({.config_file = config::find_config(options.config), .sink = &sink});
    return cli::Exit::ok;
}

}  // namespace

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "serve",
         .summary = "Run the mail server.",
         .description = "Started as root, it repairs permissions, binds its ports and becomes the user of mox.conf "
                        "before it reads a byte of a client. Logs to standard error. SIGTERM ends it, SIGHUP loads "
                        "certificates and log levels again; domains.conf is read again when it changes.",
         .examples = {{"mox serve", "The installation in the current directory."},
                      {"mox serve -c /etc/mox/mox.conf", "Another one."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked,
                   cli::Exit::newer_version}},
        add_options, run);
}

}  // namespace mox::serve
