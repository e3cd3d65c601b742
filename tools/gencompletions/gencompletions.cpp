#include "tools/gencompletions/gencompletions.hpp"

#include "base/file.hpp"
#include "tools/gencompletions/scripts.hpp"

namespace mox::gencompletions {

namespace {

struct Options {
    std::filesystem::path folder;
};

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("DIR", options.folder, "folder that gets bash/, zsh/ and fish/").required();
}

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto scripts = all_scripts();
    for (const auto& [path, text] : scripts) {
        const auto target = options.folder / path;
        make_directories(target.parent_path());
        AtomicFile file(target, {.file_mode = 0644});
        file.write(text);
        file.commit();
    }
    out.summary(cli::Record("summary", "wrote {files:file|files}").set("files", scripts.size()));
    return cli::Exit::ok;
}

}  // namespace

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "gencompletions", .summary = "Write the completions of all commands.", .program = "gencompletions"},
        add_options, run);
}

}  // namespace mox::gencompletions
