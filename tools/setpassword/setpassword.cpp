#include "tools/setpassword/setpassword.hpp"

#include "admin/account_data.hpp"
#include "auth/credentials.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "tools/shared/data_dir.hpp"
#include "tools/shared/password_input.hpp"

namespace mox::setpassword {

namespace {

std::string new_password(const Options& options, const std::string& what, cli::Reporter& out) {
    SystemRandom random;
    if (options.generate) {
        const std::string password = admin::generate_password(random);
        out.result(cli::Record("password", "{password:plain}").set("password", password));
        return password;
    }
    std::string password = tools::read_new_password(what);
    if (const auto problem = auth::password_problem(password); !problem.empty()) throw Error(Errc::usage, problem);
    return password;
}

cli::Exit for_account(const Options& options, cli::Reporter& out) {
    if (options.account.empty()) throw Error(Errc::usage, "which account?");
    const auto data_dir = tools::open_data_dir(options.data_dir);
    tools::require_account(data_dir, options.account);
    const std::string password = new_password(options, "password of account " + quote(options.account), out);
    auto account = tools::open_account(data_dir, options.account, {.lock_timeout = options.lock_timeout});
    SystemRandom random;
    admin::set_password(account, password, random);
    account.close();
    out.summary(cli::Record("summary", "password of account {account:plain} set").set("account", options.account));
    return cli::Exit::ok;
}

cli::Exit for_admin(const Options& options, cli::Reporter& out) {
    if (!options.account.empty()) throw Error(Errc::usage, "admin takes no account");
    if (options.data_dir.data_dir) throw Error(Errc::usage, "admin needs the configuration, not a data directory");
    const auto config = config::load(cli::config_file(options.data_dir));
    const std::string password = new_password(options, "password of the admin pages", out);
    SystemRandom random;
    admin::set_admin_password(config, password, random);
    out.summary(cli::Record("summary", "password of the admin pages set, in {file}")
                    .set("file", config.paths.directory / config.settings.admin_password_file));
    return cli::Exit::ok;
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "WHOSE", options.whose, {{"account", Whose::account}, {"admin", Whose::admin}},
                    "Of an account, or of the admin pages.");
    app.add_option("ACCOUNT", options.account, "The account.");
    app.add_flag("--generate", options.generate, "Make a random password and print it.");
    cli::add_config_options(app, options.data_dir);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    return options.whose == Whose::account ? for_account(options, out) : for_admin(options, out);
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "setpassword",
         .summary = "Set the password of an account or of the admin pages.",
         .description =
             "The password is typed twice at the terminal, or is the first line of standard input. It has at least 8 "
             "characters. Only what is derived from it is stored, for every way of logging in.",
         .examples = {{"mox-setpassword account ana", "Asks for it."},
                      {"mox-setpassword --generate account ana", "Prints a new one."},
                      {"mox-setpassword admin < file", "The first line of a file."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked,
                   cli::Exit::newer_version}},
        add_options, run, [](const Options& options, std::string_view what) {
            return tools::complete_names(options.data_dir, what, options.account);
        });
}

}  // namespace mox::setpassword
