#include "cli/application.hpp"

namespace mox::cli {

std::string program_name(const Tool& tool) {
    return tool.program.empty() ? "mox-" + tool.name : tool.program;
}

std::unique_ptr<CommandLine> make_application(const Tool& tool, CommonOptions& common) {
    auto app = std::make_unique<CommandLine>(tool.summary, program_name(tool));
    if (tool.add_options) tool.add_options(*app);
    app->begin_common_options();
    app->add_flag("-h,--help", common.help, "show this help");
    app->add_flag("--version", common.version, "show the version");
    const Option quiet = app->add_flag("-q,--quiet", common.quiet, "say nothing unless something is wrong");
    app->add_flag("-v,--verbose", common.verbose, "say each step").excludes(quiet);
    app->add_flag("--json", common.json, "write results and messages as JSON lines");
    app->add_flag("--no-progress", common.no_progress, "show no progress line");
    return app;
}

}  // namespace mox::cli
