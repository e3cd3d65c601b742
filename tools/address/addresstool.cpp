#include "tools/address/addresstool.hpp"

#include "admin/accounts.hpp"
#include "base/error.hpp"

namespace mox::addresstool {

namespace {

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "ACTION", options.action, {{"add", Action::add}, {"rm", Action::rm}},
                    "Give an address to an account, or take it away.");
    app.add_option("ADDRESS", options.address, "The address; @example.org for all others of that domain.").required();
    app.add_option("ACCOUNT", options.account, "Of `add`: the account that gets it.");
    tools::add_change_options(app, options.change);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const bool is_adding = options.action == Action::add;
    if (is_adding == options.account.empty())
        throw Error(Errc::usage, is_adding ? "add needs an address and an account" : "rm needs an address only");
    auto file = tools::open_for_change(options.change);
    std::string account = options.account;
    if (is_adding)
        admin::add_address(file, options.address, options.account);
    else
        account = admin::remove_address(file, options.address);
    tools::save_change(file, options.change, out);
    const std::string text = std::string(options.change.dry_run ? "would be " : "") +
                             (is_adding ? "added: {address:plain} to account {account:plain}"
                                        : "removed: {address:plain} of account {account:plain}");
    out.summary(cli::Record("summary", text)
                    .set("address", options.address)
                    .set("account", account)
                    .set("dry_run", cli::Value(options.change.dry_run)));
    return cli::Exit::ok;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "address",
         .summary = "Add and remove addresses of accounts.",
         .description = "Changes domains.conf beside mox.conf, and has a running server take it over. Lines that "
                        " need not change stay as they are.",
         .examples = {{"mox-address add ana.b@example.org ana", "Another address of an account."},
                      {"mox-address add @example.org ana", "Mail for every other address of the domain."},
                      {"mox-address rm ana.b@example.org", "Mail for it is refused from now on."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked}},
        add_options, run);
}

}  // namespace mox::addresstool
