#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/options.hpp"
#include "server/ctl/client.hpp"
#include "tools/shared/data_dir.hpp"

// mox loglevels: shows what a running server logs, or changes it until its end.

namespace mox::loglevels {

namespace {

struct Options : cli::DataDirOptions {
    std::vector<std::string> change;
};

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_config_options(app, options);
    app.add_option("PACKAGE LEVEL", options.change,
                   "A part of the server (imap, net, ctl, serve, config; '(default)' is everything), and error, info, "
                   "debug or trace; an empty level takes the part's own away.")
        .expected(0, 2);
}

cli::Exit run(const Options& options, cli::Reporter& out) {
    if (options.change.size() == 1)
        throw Error(Errc::usage, "package " + quote(options.change.front()) + " without a level",
                    "levels are error, info, debug and trace");
    const auto data_dir = tools::open_data_dir(options);
    auto client = ctl::Client::connect(data_dir.layout);
    if (!client) throw Error(Errc::failed, "no server runs on " + quote(data_dir.layout.root().native()));
    const auto show = [&](std::string_view line) {
        const auto colon = line.rfind(": ");
        out.result(cli::Record("loglevel", "{package:plain}: {level:plain}")
                       .set("package", line.substr(0, colon))
                       .set("level", line.substr(colon + 2)));
    };
    const int code = client->ask({.command = "loglevels", .arguments = options.change},
                                 {.line = show, .warning = [&](auto text, auto hint) { out.warning(text, hint); }});
    return code == 0 ? cli::Exit::ok : cli::Exit::failed;
}

}  // namespace

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "loglevels",
         .summary = "Show or change what a running server logs.",
         .description = "A change lasts until the server ends or reads mox.conf again.",
         .examples = {{"mox loglevels", "The level of everything, and those of single parts."},
                      {"mox loglevels imap trace", "Everything about IMAP connections."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found}},
        add_options, run);
}

}  // namespace mox::loglevels
