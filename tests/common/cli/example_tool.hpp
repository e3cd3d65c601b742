#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "cli/tool.hpp"

namespace mox::test {

enum class Shape { mbox, maildir, archive };

struct ExampleOptions {
    cli::DataDirOptions where;
    unsigned jobs = 0;
    bool dry_run = false;
    int percent = 0;
    std::chrono::seconds lock_timeout{30};
    Shape shape = Shape::mbox;
    std::string style = "plain";
    std::string account, mailbox;
    std::vector<std::string> only;
};

using Work = std::function<cli::Exit(const ExampleOptions&, cli::Reporter&)>;

// A command with one of everything.
inline cli::Tool example_tool(Work work = [](const auto&, auto&) { return cli::Exit::ok; }) {
    const auto add = [](cli::CommandLine& app, ExampleOptions& options) {
        cli::add_config_options(app, options.where);
        cli::add_jobs_option(app, options.jobs);
        cli::add_dry_run_option(app, options.dry_run);
        cli::add_lock_timeout_option(app, options.lock_timeout);
        cli::add_choice(app, "SHAPE", options.shape,
                        {{"mbox", Shape::mbox}, {"maildir", Shape::maildir}, {"archive", Shape::archive}},
                        "form of the mail");
        app.add_option("ACCOUNT", options.account, "account that gets it").required();
        app.add_option("MAILBOX", options.mailbox, "mailbox that gets it");
        app.add_option("--only", options.only, "checks to run").type_name("CHECK").delimiter(',');
        app.add_flag("--sample{100}", options.percent, "part that is looked at").type_name("PERCENT");
        app.add_option("--hidden", options.style, "not shown").hidden();
    };
    const auto complete = [](const ExampleOptions& options, std::string_view what) -> std::vector<std::string> {
        if (what == "accounts") return {"alice", "bob", "o'hara"};
        if (what == "mailboxes") return {"Inbox", "Sent Items", options.account + "/Lists"};
        return {};
    };
    return cli::make_tool<ExampleOptions>(
        {
            .name = "example",
            .summary = "Show what a command can have.",
            .examples = {{"mox-example mbox alice Inbox", "Into a mailbox."},
                         {"mox-example --data-dir /srv/mox -n maildir bob", "Only look."}},
            .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::locked},
        },
        add, std::move(work), complete);
}

}  // namespace mox::test
