#include "repair/repair.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <limits>
#include <map>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "datadir/lock.hpp"
#include "repair/files.hpp"
#include "repair/parts.hpp"
#include "reports/databases.hpp"

namespace mox::repair {

namespace {

constexpr int most_rounds = 4;
constexpr std::size_t most_told = 100;  // findings of one check in one part

using Findings = std::vector<check::Finding>;

// "accounts/NAME", "queue", the name of a database, or "" for everything else.
std::string part_of(const std::string& path) {
    constexpr std::string_view accounts = "accounts/";
    if (path.starts_with(accounts)) return path.substr(0, path.find('/', accounts.size()));
    if (path == "queue" || path.starts_with("queue/")) return "queue";
    for (const auto& database : reports::directory_databases())
        if (path == database.name) return path;
    return {};
}

class Fix {
public:
    Fix(const datadir::Layout& layout, const Options& options, const Sinks& sinks)
        : run_{.layout = layout,
               .options = options,
               .sinks = sinks,
               .root = UniqueFd(::open(layout.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
               .ownership = datadir::ownership_of(layout.root())} {
        if (!run_.root) throw system_error(errno, "open data directory", layout.root().native());
        if (options.dry_run) return;
        if (::faccessat(run_.root.get(), ".", W_OK, AT_EACCESS) != 0)
            throw system_error(errno, "write to", layout.root().native());
        lock_ = datadir::Lock::take(layout, "repair", datadir::LockMode::exclusive, options.lock_timeout);
    }

    Summary run() {
        for (int round = 1;; ++round) {
            const Findings findings = verify();
            const bool last = round == most_rounds || findings.empty();
            if (last || !repair(findings) || run_.options.dry_run) {
                tell(findings);
                return run_.summary;
            }
        }
    }

private:
    Findings verify() {
        Findings findings;
        check::Options how{.contents = run_.options.contents,
                           .sample = run_.options.sample,
                           .jobs = run_.options.jobs,
                           .lock_timeout = run_.options.lock_timeout,
                           .most_findings = std::numeric_limits<std::size_t>::max(),
                           .scratch = run_.options.scratch,
                           .progress = run_.options.progress};
        run_.summary.left =
            check::verify(run_.layout, how, [&](const check::Finding& finding) { findings.push_back(finding); });
        return findings;
    }

    // True when something was changed.
    bool repair(const Findings& findings) {
        std::map<std::string, Findings> parts;
        for (const auto& finding : findings) parts[part_of(finding.path)].push_back(finding);
        // Not while somebody verifies: whoever waits to erase would wait for us, and we for him.
        const auto erasure =
            run_.options.dry_run ? std::nullopt : datadir::hold_erasure(run_.layout, run_.options.lock_timeout);
        const auto before = run_.summary.actions;
        for (const auto& [name, found] : parts) {
            check_interrupt();
            Part part(run_, found);
            part.attempt(name, [&] { repair_part(part, name); });
        }
        return run_.summary.actions != before;
    }
    void repair_part(Part& part, const std::string& name) {
        if (run_.options.dry_run && !name.empty()) part.use_copies();
        if (name.starts_with("accounts/")) return fix_account(part, name.substr(name.find('/') + 1));
        if (name == "queue") return fix_queue(part);
        for (const auto& database : reports::directory_databases())
            if (name == database.name) return fix_database(part, (run_.layout.*database.path)(), database.schema());
        mend_owners(part);
    }

    void tell(const Findings& findings) const {
        std::map<std::pair<std::string, std::string_view>, std::size_t> told;
        for (const auto& finding : findings) {
            const auto count = ++told[{part_of(finding.path), finding.check}];
            if (count <= most_told) run_.sinks.finding(finding);
            if (count != most_told + 1) continue;
            check::Finding rest = finding;
            rest.detail = "and more of this kind, here and in other places";
            run_.sinks.finding(rest);
        }
    }

    Run run_;
    std::optional<datadir::Lock> lock_;
};

}  // namespace

Summary fix(const datadir::Layout& layout, const Options& options, const Sinks& sinks) {
    return Fix(layout, options, sinks).run();
}

}  // namespace mox::repair
