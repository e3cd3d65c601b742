#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "cli/options.hpp"
#include "datadir/lock.hpp"
#include "server/ctl/client.hpp"
#include "tools/shared/data_dir.hpp"

// mox stop: ends the server of an installation, and returns when it has ended.

namespace mox::stop {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 15s;

cli::Exit run(const cli::DataDirOptions& options, cli::Reporter& out) {
    const auto data_dir = tools::open_data_dir(options);
    auto client = ctl::Client::connect(data_dir.layout);
    if (!client) throw Error(Errc::failed, "no server runs on " + quote(data_dir.layout.root().native()));
    const int code = client->ask(
        {.command = "stop", .arguments = {}},
        {.line = [](std::string_view) {}, .warning = [&](auto message, auto hint) { out.warning(message, hint); }});
    client.reset();  // the server waits for that
    const auto give_up = std::chrono::steady_clock::now() + patience;
    while (datadir::is_served(data_dir.layout)) {
        check_interrupt();
        if (std::chrono::steady_clock::now() > give_up)
            throw Error(Errc::failed, "the server was told to stop but still runs", "see its log");
        std::this_thread::sleep_for(20ms);
    }
    out.summary(cli::Record("summary", "the server has stopped"));
    return code == 0 ? cli::Exit::ok : cli::Exit::failed;
}

}  // namespace

cli::Tool tool() {
    return cli::make_tool<cli::DataDirOptions>(
        {.name = "stop",
         .summary = "End the mail server.",
         .description = "Returns when the server has ended, which takes at most three seconds.",
         .examples = {{"mox stop", "The server of the installation in the current directory."},
                      {"mox stop --data-dir /srv/mox/data", "That of another one."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found}},
        cli::add_config_options, run);
}

}  // namespace mox::stop
