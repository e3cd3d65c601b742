#include "cli/application.hpp"

#include <CLI/CLI.hpp>

namespace mox::cli {

namespace {

// An option that may be repeated takes one value (or a list with a delimiter) each time, as CLI11's lists would take
// operands, too.
void take_one_value_each(CLI::App& app) {
    for (CLI::Option* option : app.get_options())
        if (option->nonpositional()) option->allow_extra_args(false);
}

}  // namespace

std::string program_name(const Tool& tool) {
    return tool.program.empty() ? "mox-" + tool.name : tool.program;
}

// --help and --version are ordinary flags here: what they print goes through the reporter's outputs, whose failures
// are noticed, and cli::main looks for them before anything else, so that they work beside other errors.
std::shared_ptr<CLI::App> make_application(const Tool& tool, CommonOptions& common) {
    auto app = std::make_shared<CLI::App>(tool.summary, program_name(tool));
    app->set_help_flag();
    app->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
    if (tool.add_options) tool.add_options(*app);
    take_one_value_each(*app);
    app->option_defaults()->group(std::string(common_group));
    app->add_flag("-h,--help", common.help, "show this help");
    app->add_flag("--version", common.version, "show the version");
    auto* quiet = app->add_flag("-q,--quiet", common.quiet, "say nothing unless something is wrong");
    app->add_flag("-v,--verbose", common.verbose, "say each step")->excludes(quiet);
    app->add_flag("--json", common.json, "write results and messages as JSON lines");
    app->add_flag("--no-progress", common.no_progress, "show no progress line");
    return app;
}

}  // namespace mox::cli
