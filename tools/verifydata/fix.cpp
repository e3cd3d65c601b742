#include "tools/verifydata/fix.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/progress.hpp"
#include "repair/remedies.hpp"
#include "repair/repair.hpp"
#include "tools/verifydata/findings.hpp"

namespace mox::verifydata {

namespace {

// "all", or ids separated by commas.
std::bitset<check::check_count> wanted_repairs(const std::string& text) {
    if (text == "all") return {};
    std::vector<std::string> ids;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        ids.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    const auto wanted = checks_named(ids);
    for (const auto& id : ids)
        if (const auto& remedy = repair::remedy_of(id); remedy.repair.empty())
            throw Error(Errc::usage, "what the check " + quote(id) + " finds cannot be mended",
                        std::string(remedy.by_hand));
    return wanted;
}

cli::Record shown(const repair::Action& action, bool dry_run) {
    return cli::Record("repair", dry_run ? "{path:plain}: would mend: {detail:raw} [{check:plain}]"
                                         : "{path:plain}: mended: {detail:raw} [{check:plain}]")
        .set("path", action.path)
        .set("detail", action.detail)
        .set("check", action.check)
        .set("dry_run", cli::Value(dry_run));
}

cli::Record summary_of(const std::filesystem::path& directory, const repair::Summary& done, bool dry_run,
                       double elapsed_seconds) {
    std::string text = "{directory:plain}: ";
    if (done.left.errors == 0) text += "OK, ";
    if (done.left.errors > 0) text += dry_run ? "{problems:problem|problems}, " : "{problems:problem|problems} left, ";
    if (done.left.warnings > 0) text += "{warning_findings:warning|warnings}, ";
    text += dry_run ? "{repairs:repair|repairs} to make, " : "{repairs:repair|repairs} made, ";
    if (done.troubles > 0) text += "{failed_repairs} failed, ";
    return with_sums(cli::Record("summary", text + sums_text)
                         .set("directory", directory)
                         .set("repairs", done.actions)
                         .set("failed_repairs", done.troubles)
                         .set("dry_run", cli::Value(dry_run)),
                     done.left, elapsed_seconds);
}

}  // namespace

cli::Exit fix(const datadir::Layout& layout, const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    repair::Options how{.only = wanted_repairs(options.fix.empty() ? "all" : options.fix),
                        .dry_run = options.dry_run,
                        .jobs = options.jobs,
                        .lock_timeout = options.lock_timeout};
    const bool hashes = options.read_data || how.only.test(check::CheckId("message-hash").index());
    how.contents = hashes ? check::Contents::hashes : check::Contents::sizes;
    repair::Summary done;
    {
        cli::Progress progress(out, {.label = "verifying", .unit = "messages"});
        how.progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); };
        done = repair::fix(layout, how,
                           {.action = [&](const repair::Action& action) { out.result(shown(action, options.dry_run)); },
                            .trouble = [&](const std::string& path, const std::string& what,
                                           const std::string& hint) { out.error(quote(path) + ": " + what, hint); },
                            .finding =
                                [&](const check::Finding& finding) {
                                    out.finding(shown(finding, options.dry_run ? MayFix::yes : MayFix::no));
                                }});
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    out.summary(summary_of(layout.root(), done, options.dry_run, elapsed.count()));
    if (done.left.errors == 0) return done.troubles == 0 ? cli::Exit::ok : cli::Exit::failed;
    return done.left.errors == done.left.unknown_formats ? cli::Exit::newer_version : cli::Exit::failed;
}

}  // namespace mox::verifydata
