#include "tools/domain/domaintool.hpp"

#include "admin/dns_records.hpp"
#include "admin/domains.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "tools/shared/dns_zone.hpp"

namespace mox::domaintool {

namespace {

cli::Exit print_records(const Options& options, cli::Reporter& out) {
    const auto records = admin::dns_records(config::load(config::find_config(options.change.config)), options.domain);
    const std::string text = admin::zone_text(records);
    tools::show_dns_records(records, text.substr(0, text.size() - 1), out);
    return cli::Exit::ok;
}

cli::Exit add(const Options& options, cli::Reporter& out) {
    auto file = tools::open_for_change(options.change);
    admin::NewFiles made;
    const std::string name =
        admin::add_domain(file, {options.domain, options.account, options.localpart}, SystemClock(), made);
    tools::save_change(file, options.change, out, &made);
    out.summary(cli::Record("summary", options.change.dry_run
                                           ? "would be added: domain {domain:plain}"
                                           : "added: domain {domain:plain}; now add the DNS records that 'mox "
                                             "dnsrecords {domain:plain}' prints")
                    .set("domain", name)
                    .set("account", options.account)
                    .set("dry_run", cli::Value(options.change.dry_run)));
    return cli::Exit::ok;
}

cli::Exit remove(const Options& options, cli::Reporter& out) {
    auto file = tools::open_for_change(options.change);
    const std::string name = admin::require_domain(file.domains(), options.domain);
    const auto old_keys = admin::remove_domain(file, name);
    std::vector<std::string> moved;
    if (!options.change.dry_run) {
        tools::save_change(file, options.change, out);
        for (const auto& key : admin::move_old_keys(file, old_keys)) {
            out.step("moved a DKIM key to " + quote(key.native()));
            moved.push_back(key.native());
        }
    }
    out.summary(cli::Record("summary", options.change.dry_run
                                           ? "would be removed: domain {domain:plain}"
                                           : "removed: domain {domain:plain}; now remove its DNS records")
                    .set("domain", name)
                    .set("moved_keys", cli::Value(moved))
                    .set("dry_run", cli::Value(options.change.dry_run)));
    return cli::Exit::ok;
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "ACTION", options.action,
                    {{"add", Action::add}, {"rm", Action::rm}, {"dnsrecords", Action::dnsrecords}},
                    "Add a domain, remove one, or print what DNS has to say about one.");
    app.add_option("DOMAIN", options.domain, "The domain.").required();
    app.add_option("ACCOUNT", options.account, "Of `add`: gets reports about the domain, and mail for its postmaster.");
    app.add_option("LOCALPART", options.localpart,
                   "Of `add`: makes the account, with the address LOCALPART@DOMAIN. Not for an account that exists.");
    tools::add_change_options(app, options.change);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    if (options.action == Action::add) {
        if (options.account.empty()) throw Error(Errc::usage, "add needs a domain and an account");
        return add(options, out);
    }
    if (!options.account.empty()) throw Error(Errc::usage, "only add takes an account");
    return options.action == Action::rm ? remove(options, out) : print_records(options, out);
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "domain",
         .summary = "Add and remove domains, and print their DNS records.",
         .description =
             "A new domain gets keys for DKIM below dkim/ beside mox.conf, of which two sign, addresses for reports of "
             "DMARC and TLS, and a policy for MTA-STS when a listener serves policies. The keys of a removed domain "
             "move to dkim/old/. A running server takes the change over at once.",
         .examples = {{"mox-domain add example.net ana", "A domain whose reports an account gets."},
                      {"mox-domain add example.net ben ben", "The same with a new account ben, ben@example.net."},
                      {"mox-domain dnsrecords example.net", "As a snippet of a zone file."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked}},
        add_options, run);
}

}  // namespace mox::domaintool
