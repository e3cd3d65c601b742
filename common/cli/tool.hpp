#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/exit.hpp"
#include "cli/reporter.hpp"

namespace mox::cli {

struct Example {
    std::string command;  // as typed: "mox-backup -c /etc/mox/mox.conf /backup/mox"
    std::string meaning;  // "A snapshot into an empty folder."
};

// One command: what it is called, what it takes, what it does.
//
// add_options() names options and operands; see cli/options.hpp for those that several commands share. Common options
// (--help, --version, --quiet, --verbose, --json, --no-progress) are there already.
//
// run() returns Exit::ok, incomplete or failed and throws Error for everything else. Errors in options that only run()
// can see are Error{usage}.
struct Tool {
    std::string name;         // "backup"; the program is "mox-backup"
    std::string summary;      // one sentence with a full stop
    std::string description;  // empty, or a few lines for --help
    std::function<void(CommandLine&)> add_options;
    std::function<Exit(Reporter&)> run;
    std::vector<Example> examples;
    std::vector<Exit> exits = {Exit::ok, Exit::failed, Exit::usage};  // that a user meets, for --help
    // Names for the shell to complete: `what` is "accounts" or "mailboxes"; options typed so far have been read into
    // the tool's options, as far as they can be. Empty: accounts are the folders of --data-dir, mailboxes unknown.
    std::function<std::vector<std::string>(std::string_view what)> complete;
    std::string program;  // empty: "mox-" + name; messages begin with its first word
};

// A tool whose options are in a struct of its own, which lives as long as the tool. `add_options` and `run` are
// functions (CommandLine&, Options&) and (const Options&, Reporter&).
template <class Options, class AddOptions, class Run>
[[nodiscard]] Tool make_tool(Tool tool, AddOptions add_options, Run run) {
    const auto options = std::make_shared<Options>();
    tool.add_options = [options, add_options](CommandLine& app) { add_options(app, *options); };
    tool.run = [options, run](Reporter& out) { return run(std::as_const(*options), out); };
    return tool;
}

// The same, with completion: `complete` is a function (const Options&, std::string_view what).
template <class Options, class AddOptions, class Run, class Complete>
[[nodiscard]] Tool make_tool(Tool tool, AddOptions add_options, Run run, Complete complete) {
    const auto options = std::make_shared<Options>();
    tool.add_options = [options, add_options](CommandLine& app) { add_options(app, *options); };
    tool.run = [options, run](Reporter& out) { return run(std::as_const(*options), out); };
    tool.complete = [options, complete](std::string_view what) { return complete(std::as_const(*options), what); };
    return tool;
}

// "mox-backup"
[[nodiscard]] std::string program_name(const Tool& tool);

}  // namespace mox::cli
