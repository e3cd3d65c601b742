#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/tool.hpp"
#include "config/load.hpp"
#include "server/local/local.hpp"
#include "server/process/permissions.hpp"
#include "server/process/serve.hpp"
#include "server/process/user.hpp"

// mox localserve: a server to try, in one command.

namespace mox::localserve {

namespace {

struct Options {
    std::optional<std::filesystem::path> directory;
    std::string ip;
    std::uint16_t port_offset = 1000;
};

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("--dir", options.directory,
                   "Where everything is kept; made when it is missing. Default: mox-localserve in your folder for "
                   "configuration, for root /var/lib/mox-localserve.")
        .type_name("DIR");
    app.add_option("--ip", options.ip, "Address to listen on; default: 127.0.0.1 and ::1.").type_name("IP");
    app.add_option("--port-offset", options.port_offset,
                   "What is added to the usual ports when the directory is made; default: 1000.")
        .type_name("NUMBER");
}

std::string welcome(const config::Config& config, const local::Installation& made) {
    const auto& listener = config.settings.listeners.begin()->second;
    const std::string& ip = listener.ips.front();
    const std::string host = ip.find(':') == std::string::npos ? ip : "[" + ip + "]";
    const std::string& user = std::string(local::account_address);
    return fmt::format(
        "A mail server of your own, in '{0}'{1}\n\n"
        "  IMAP    {2} port {3} (STARTTLS or plain), port {4} (TLS)\n"
        "  account {5}, password {6}\n"
        "  admin   password {7}\n\n"
        "To try:\n\n"
        "  curl -v imap://{2}:{3}/ -X CAPABILITY -u {5}:{6}\n"
        "  openssl s_client -quiet -crlf -CAfile {8} -connect {2}:{4}\n"
        "  mox stop -c {9}\n\n"
        "The log follows; Ctrl-C ends the server.",
        made.config_file.parent_path().parent_path().string(), made.is_new ? ", made now:" : ":", host,
        listener.imap.port, listener.imaps.port, user, local::account_password, local::admin_password,
        made.certificate_file.string(), made.config_file.string());
}

// What root made belongs to the user that the server becomes, from the beginning, and is no news in its log.
void hand_over(const config::Config& config) {
    if (::geteuid() != 0) return;
    log::StringSink nowhere;
    log::Levels levels;
    const SystemClock clock;
    const log::Log unread{nowhere, levels, clock};
    process::repair_permissions(
        {.working_directory = "/", .config_directory = config.paths.directory, .data_directory = config.paths.data},
        process::find_user(config.settings.user), log::Logger(unread, "localserve"));
}

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto made = local::prepare({.directory = options.directory.value_or(local::default_directory()),
                                      .ip = options.ip,
                                      .port_offset = options.port_offset});
    const auto config = config::load(made.config_file);
    if (made.is_new) hand_over(config);
    const std::string text = welcome(config, made);
    log::DescriptorSink sink(2, std::getenv("JOURNAL_STREAM"));
    const auto greet = [&] {
        out.result(cli::Record("ready", "{text:raw}\n")
                       .set("text", text)
                       .set("config", made.config_file)
                       .set("address", local::account_address)
                       .set("password", local::account_password));
    };
    process::serve({.config_file = made.config_file, .sink = &sink, .on_ready = greet});
    return cli::Exit::ok;
}

}  // namespace

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "localserve",
         .summary = "Run a mail server of your own to try, on this host alone.",
         .description = "Makes a configuration, an account, passwords and a certificate at the first time, and prints "
                        "addresses, passwords and commands to try. Ports are the usual ones plus 1000.",
         .examples = {{"mox localserve", "A server to play with."},
                      {"mox localserve --dir /tmp/try --port-offset 20000", "One more, beside it."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::locked}},
        add_options, run);
}

}  // namespace mox::localserve
