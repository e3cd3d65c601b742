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

cli::Record summary_of(const std::filesystem::path& directory, const repair::Summary& done, bool dry_run,
                       const Reading& reading, double elapsed_seconds) {
    std::string text = "{directory:plain}: ";
    if (done.left.errors == 0) text += "OK, ";
    if (done.left.errors > 0) text += dry_run ? "{problems:problem|problems}, " : "{problems:problem|problems} left, ";
    if (done.left.warnings > 0) text += "{warning_findings:warning|warnings}, ";
    text += dry_run ? "{repairs:repair|repairs} to make, " : "{repairs:repair|repairs} made, ";
    if (done.troubles > 0) text += "{failed_repairs} failed, ";
    return with_sums(cli::Record("summary", text + sums_text(reading))
                         .set("directory", directory)
                         .set("repairs", done.actions)
                         .set("failed_repairs", done.troubles)
                         .set("dry_run", cli::Value(dry_run)),
                     done.left, reading, elapsed_seconds);
}

}  // namespace

cli::Exit fix(const datadir::Layout& layout, const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    repair::Options how{.only = wanted_repairs(options.fix.empty() ? "all" : options.fix),
                        .dry_run = options.dry_run,
                        .jobs = options.jobs,
                        .lock_timeout = options.lock_timeout};
    Reading reading = reading_of(options);
    if (how.only.test(check::CheckId("message-hash").index())) reading = {.contents = check::Contents::hashes};
    how.contents = reading.contents;
    how.sample = reading.sample;
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
    out.summary(summary_of(layout.root(), done, options.dry_run, reading, elapsed.count()));
    if (done.left.errors == 0) return done.troubles == 0 ? cli::Exit::ok : cli::Exit::failed;
    return done.left.errors == done.left.unknown_formats ? cli::Exit::newer_version : cli::Exit::failed;
}

}  // namespace mox::verifydata
