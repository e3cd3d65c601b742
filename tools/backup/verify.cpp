#include "check/verify.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "snapshot/destination.hpp"
#include "tools/backup/job.hpp"

namespace mox::backup {

namespace {

// Findings name paths below data/, and "../config/…" for what lies beside it.
std::string path_of(const check::Finding& finding) {
    return finding.path.starts_with("../") ? finding.path.substr(3) : finding.path;
}

check::Summary look_for_problems(const std::filesystem::path& snapshot, const std::filesystem::path& trusted,
                                 const Options& options, cli::Reporter& out, std::vector<snapshot::Problem>& problems) {
    out.step("verifying the snapshot");
    cli::Progress progress(out, {.label = "verifying", .unit = "messages"});
    return check::verify(
        datadir::open(snapshot / "data"),
        {.contents = check::Contents::hashes,
         .jobs = options.jobs,
         .trusted = trusted.empty() ? trusted : trusted / "data",
         .snapshot = snapshot,
         .lock_timeout = options.lock_timeout,
         .most_findings = snapshot::most_problems,
         .progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); }},
        [&](const check::Finding& finding) {
            // A warning says something about the mail server's data, not about this copy of it.
            if (finding.severity != check::Severity::error) return;
            out.finding({.path = finding.path,
                         .severity = cli::Severity::error,
                         .detail = finding.detail,
                         .check = std::string(finding.check),
                         .hint = finding.hint});
            if (problems.size() < snapshot::most_problems)
                problems.push_back({.path = path_of(finding), .detail = finding.detail});
        });
}

}  // namespace

void verify(const std::filesystem::path& snapshot, snapshot::Manifest& manifest, const std::filesystem::path& previous,
            const Options& options, cli::Reporter& out) {
    const bool reads_all = options.verify == Verify::full || previous.empty();
    const auto sums =
        look_for_problems(snapshot, reads_all ? std::filesystem::path() : previous, options, out, manifest.problems);
    manifest.problem_count += static_cast<std::int64_t>(sums.errors);
    manifest.verification = sums.errors != 0 ? snapshot::Verification::failed
                            : reads_all      ? snapshot::Verification::full
                                             : snapshot::Verification::unshared;
    snapshot::write_manifest(snapshot, manifest);
    if (sums.errors == 0) return;
    out.error(fmt::format("the snapshot does not verify, problems: {}", sums.errors),
              "mox-verifydata tells whether the data directory has the same problems");
}

}  // namespace mox::backup
