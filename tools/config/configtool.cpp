#include "tools/config/configtool.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "config/validate.hpp"

namespace mox::configtool {

namespace {

cli::Finding shown(const config::FileProblem& found) {
    const bool is_error = found.problem.severity == config::sconf::Severity::error;
    return {.path = fmt::format("{}:{}", found.file.native(), found.problem.line),
            .severity = is_error ? cli::Severity::error : cli::Severity::warning,
            .detail = found.problem.message,
            .check = {},
            .hint = found.problem.hint};
}

cli::Exit test(const Options& options, cli::Reporter& out) {
    auto config = config::read(config::find_config(options.config));
    config::validate(config, {.check_files = !options.no_files});
    std::int64_t errors = 0, warnings = 0;
    for (const auto& found : config.problems) {
        out.finding(shown(found));
        ++(found.problem.severity == config::sconf::Severity::error ? errors : warnings);
    }
    std::string text = "{file:plain}: ";
    text += errors == 0 ? "OK" : "{problems:problem|problems}";
    if (warnings > 0) text += ", {warning_findings:warning|warnings}";
    text += errors == 0 ? ", {domains:domain|domains}, {accounts:account|accounts}" : "";
    out.summary(cli::Record("summary", text)
                    .set("file", config.paths.static_file)
                    .set("problems", errors)
                    .set("warning_findings", warnings)
                    .set("domains", config.domains.domains.size())
                    .set("accounts", config.domains.accounts.size()));
    return errors == 0 ? cli::Exit::ok : cli::Exit::failed;
}

cli::Exit describe(std::string_view file, const std::string& text, cli::Reporter& out) {
    out.result(cli::Record("template", "{text:raw}").set("file", file).set("text", text.substr(0, text.size() - 1)));
    return cli::Exit::ok;
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "ACTION", options.action,
                    {{"test", Action::test},
                     {"describe-static", Action::describe_static},
                     {"describe-domains", Action::describe_domains}},
                    "Check both files; or print a template of mox.conf or of domains.conf.");
    app.add_option("-c,--config", options.config,
                   "Configuration file to check; default: $MOXCONF, else config/mox.conf.")
        .type_name("FILE");
    app.add_flag("--no-files", options.no_files,
                 "Do not look at the certificates, keys and other files that the configuration names.");
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    switch (options.action) {
        case Action::describe_static:
            return describe("mox.conf", config::sconf::describe<config::Static>(), out);
        case Action::describe_domains:
            return describe("domains.conf", config::sconf::describe<config::Domains>(), out);
        case Action::test:
            break;
    }
    return test(options, out);
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "config",
         .summary = "Check the configuration, or print templates of it.",
         .description = "Names everything that is wrong in mox.conf and domains.conf, with file and line, and changes "
                        "nothing.",
         .examples = {{"mox-config test", "The configuration in config/mox.conf."},
                      {"mox-config --no-files -c /etc/mox/mox.conf test", "Without access to keys and certificates."},
                      {"mox-config describe-domains", "Every field of domains.conf, with what it means."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found}},
        add_options, run);
}

}  // namespace mox::configtool
