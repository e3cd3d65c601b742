#include "tools/account/accounttool.hpp"

#include "admin/accounts.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::accounttool {

namespace {

cli::Exit list(const Options& options, cli::Reporter& out) {
    const auto config = config::load(config::find_config(options.change.config));
    for (const auto& [name, account] : config.domains.accounts) {
        std::vector<std::string> addresses;
        for (const auto& [destination, unused] : account.destinations)
            addresses.push_back(config::full_address(account, destination));
        out.result(cli::Record("account", "{account:plain}: {addresses}")
                       .set("account", name)
                       .set("addresses", cli::Value(addresses))
                       .set("login_disabled", cli::Value(!account.login_disabled.empty())));
    }
    out.summary(cli::Record("summary", "{accounts:account|accounts}").set("accounts", config.domains.accounts.size()));
    return cli::Exit::ok;
}

cli::Exit change(const Options& options, cli::Reporter& out) {
    const bool is_adding = options.action == Action::add;
    auto file = tools::open_for_change(options.change);
    if (is_adding)
        admin::add_account(file, options.account, options.address);
    else
        admin::remove_account(file, options.account);
    tools::save_change(file, options.change, out);
    std::string text = options.change.dry_run ? "would be " : "";
    text += is_adding ? "added: account {account:plain}; set its password with 'mox setaccountpassword {account:plain}'"
                      : "removed: account {account:plain}; its data stays";
    out.summary(cli::Record("summary", text)
                    .set("account", options.account)
                    .set("dry_run", cli::Value(options.change.dry_run)));
    return cli::Exit::ok;
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "ACTION", options.action, {{"add", Action::add}, {"rm", Action::rm}, {"list", Action::list}},
                    "Add an account with its first address; remove one from the configuration; or list all.");
    app.add_option("ACCOUNT", options.account, "Its name, which is no address.");
    app.add_option("ADDRESS", options.address, "Of a new account: where it gets mail and logs in.");
    tools::add_change_options(app, options.change);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto require = [](bool holds, const char* what) {
        if (!holds) throw Error(Errc::usage, what);
    };
    switch (options.action) {
        case Action::list:
            require(options.account.empty(), "list takes no operands");
            return list(options, out);
        case Action::add:
            require(!options.address.empty(), "add needs an account and its address");
            break;
        case Action::rm:
            require(!options.account.empty() && options.address.empty(), "rm needs an account and nothing else");
            break;
    }
    return change(options, out);
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "account",
         .summary = "Add, remove and list accounts.",
         .description = "Changes domains.conf beside mox.conf, and has a running server take it over. Lines that "
                        " need not change stay as they are. The data of removed accounts stays.",
         .examples = {{"mox-account add ana ana@example.org", "A new account with the usual settings."},
                      {"mox-account rm ana", "Take an account out of the configuration."},
                      {"mox-account -c /etc/mox/mox.conf list", "Every account with its addresses."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked}},
        add_options, run);
}

}  // namespace mox::accounttool
