#include "tools/quickstart/quickstarttool.hpp"

#include <system_error>

#include "admin/account_data.hpp"
#include "admin/dns_lookup.hpp"
#include "admin/dns_records.hpp"
#include "admin/quickstart.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "tools/shared/dns_zone.hpp"
#include "tools/shared/siblings.hpp"
#include "tools/shared/unit.hpp"

namespace mox::quickstarttool {

namespace fs = std::filesystem;

namespace {

fs::path whole_path(const fs::path& path) {
    std::error_code error;
    fs::path whole = fs::absolute(path, error).lexically_normal();
    if (error) throw Error(Errc::failed, "cannot tell the current directory: " + error.message());
    return whole.has_filename() || !whole.has_relative_path() ? whole : whole.parent_path();
}

admin::QuickstartPlan plan_of(const Options& options) {
    admin::QuickstartPlan plan;
    admin::set_names(plan, options.address, options.hostname);
    plan.directory = whole_path(options.directory);
    plan.user = options.user;
    plan.ips = options.ips.empty() ? admin::addresses_to_listen_on() : options.ips;
    if (options.cert_file.empty() != options.key_file.empty()) throw Error(Errc::usage, "--cert and --key go together");
    if (!options.cert_file.empty()) {
        plan.cert_file = whole_path(options.cert_file).native();
        plan.key_file = whole_path(options.key_file).native();
    }
    SystemRandom random;
    plan.account_password = admin::generate_password(random);
    plan.admin_password = admin::generate_password(random);
    return plan;
}

void write_unit(const admin::QuickstartPlan& plan, admin::NewFiles& made) {
    const auto program = tools::find_program("mox", "").value_or(plan.directory / "mox");
    made.write(plan.directory / "mox.service",
               tools::unit_for({.directory = plan.directory,
                                .program = program,
                                .config = plan.directory / "config",
                                .data = plan.directory / "data",
                                .user = plan.user}),
               {.file_mode = 0644});
}

void show_passwords(const admin::QuickstartPlan& plan, cli::Reporter& out) {
    out.result(cli::Record("password", "Account {account:plain}, address {address:plain}: password {password:plain}")
                   .set("account", plan.account)
                   .set("address", plan.account + "@" + plan.domain)
                   .set("password", plan.account_password));
    out.result(cli::Record("password", "Admin pages: password {password:plain}\n")
                   .set("account", "")
                   .set("address", "")
                   .set("password", plan.admin_password));
}

void show_records(const config::Config& config, const admin::QuickstartPlan& plan, cli::Reporter& out) {
    const auto records = admin::dns_records(config, plan.domain);
    tools::show_dns_records(
        records, "DNS has to say this (mox dnsrecords prints it again):\n\n" + admin::zone_text(records), out);
}

std::string steps_text(const admin::QuickstartPlan& plan) {
    const std::string unit = (plan.directory / "mox.service").native();
    std::string text = "What is left to do:\n\n";
    int number = 0;
    const auto step = [&](const std::string& what) { text += std::to_string(++number) + ". " + what + "\n"; };
    step("Note the two passwords above; they are stored nowhere else.");
    step("Add the DNS records, with whoever serves DNS for " + plan.domain + ".");
    if (plan.cert_file.empty())
        step(
            "The certificate in config/tls is signed by itself, enough to try. For other servers and mail programs\n"
            "   get one for " +
            plan.hostname + " (with certbot, say) and name it in config/mox.conf under KeyCerts.");
    step(
        "Look at config/mox.conf: the IPs of the listener 'public' are those that others reach. Then: mox config test");
    step(
        "Install and start the service, as root:\n"
        "   cp " +
        unit +
        " /etc/systemd/system/\n"
        "   systemctl enable --now mox");
    step("Log in with a mail program: IMAP at " + plan.hostname + " port 993, submission at port 465, both with TLS.");
    return text + "\nMore accounts: mox account add NAME ADDRESS. More domains: mox domain add DOMAIN " + plan.account +
           ".";
}

void advise(const Options& options, const admin::QuickstartPlan& plan, cli::Reporter& out) {
    if (options.skip_dns) return;
    out.step("look up what DNS says now");
    admin::SystemDnsLookup dns;
    for (const auto& advice : admin::dns_advice(plan.hostname, plan.domain, plan.ips, dns)) out.warning(advice);
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("ADDRESS", options.address, "Address of the first account, and with it the domain.").required();
    app.add_option("HOSTNAME", options.hostname, "Name of this server; default: mail. and the domain.");
    app.add_option("--dir", options.directory, "Where the folders config and data are made; default: here.")
        .type_name("DIR");
    app.add_option("--user", options.user, "User that the server runs as, a name or a number; default: mox.")
        .type_name("USER");
    app.add_option("--ip", options.ips, "Listen on this address; default: the machine's public ones, else all.")
        .type_name("ADDRESS");
    app.add_option("--cert", options.cert_file, "An existing certificate in PEM, with those that lead to its root.")
        .type_name("FILE");
    app.add_option("--key", options.key_file, "Its private key.").type_name("FILE");
    app.add_flag("--skip-dns", options.skip_dns, "Look nothing up in DNS.");
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto plan = plan_of(options);
    SystemRandom random;
    admin::NewFiles made;
    out.step("make keys, configuration and data directory");
    made.make_directories(plan.directory, {.file_mode = 0644, .directory_mode = 0755});
    write_unit(plan, made);
    const auto config = admin::quickstart(plan, SystemClock(), random, made);
    show_passwords(plan, out);
    show_records(config, plan, out);
    if (out.settings().format == cli::Format::text)
        out.result(cli::Record("steps", "{text:raw}").set("text", steps_text(plan)), cli::Show::unless_quiet);
    made.keep();
    for (const auto& found : config.problems) out.warning(found.problem.message, found.problem.hint);
    advise(options, plan, out);
    out.summary(cli::Record("summary", "\nmade: {config} and {data}")
                    .set("account", plan.account)
                    .set("domain", plan.domain)
                    .set("hostname", plan.hostname)
                    .set("config", plan.directory / "config")
                    .set("data", plan.directory / "data")
                    .set("service", plan.directory / "mox.service"));
    return cli::Exit::ok;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "quickstart",
         .summary = "Make the configuration of a new mail server.",
         .description =
             "Makes config/ and data/ with one domain and one account, keys for DKIM, passwords and a systemd unit; "
             "prints the passwords, what DNS has to say, and what is left to do. Never overwrites anything; when it "
             "fails, what it made is removed.",
         .examples = {{"mox-quickstart you@example.org", "A server mail.example.org, in this directory."},
                      {"mox-quickstart --skip-dns --dir /home/mox you@example.org mx.example.org",
                       "Another name and directory, on a machine without DNS."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage}},
        add_options, run);
}

}  // namespace mox::quickstarttool
