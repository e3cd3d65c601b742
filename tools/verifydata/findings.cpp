#include "tools/verifydata/findings.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/nearest.hpp"
#include "repair/remedies.hpp"

namespace mox::verifydata {

namespace {

std::string hint_of(const check::Finding& finding, MayFix may_fix) {
    if (!finding.hint.empty()) return finding.hint;
    const auto& remedy = repair::remedy_of(finding.check);
    // Of databases only junk filters are made anew.
    const bool by_hand = finding.check == "message-hash" ||
                         (finding.check.starts_with("database") && !finding.path.ends_with("/junkfilter.db"));
    if (may_fix == MayFix::yes && !remedy.repair.empty() && !by_hand) return "mox-verifydata --fix mends it";
    return std::string(remedy.by_hand);
}

}  // namespace

std::bitset<check::check_count> checks_named(const std::vector<std::string>& ids) {
    std::bitset<check::check_count> chosen;
    std::vector<std::string> known_ids;
    for (const auto& known : check::checks) known_ids.emplace_back(known.id);
    for (const auto& id : ids) {
        const std::size_t index = check::index_of(id);
        if (index == check::check_count) {
            const auto near = cli::nearest(id, known_ids);
            throw Error(Errc::usage, "there is no check " + quote(id),
                        near ? "did you mean '" + *near + "'?" : "--list-checks lists them");
        }
        chosen.set(index);
    }
    return chosen;
}

cli::Finding shown(const check::Finding& finding, MayFix may_fix) {
    return {.path = finding.path,
            .severity = finding.severity == check::Severity::error ? cli::Severity::error : cli::Severity::warning,
            .detail = finding.detail,
            .check = std::string(finding.check),
            .hint = hint_of(finding, may_fix)};
}

cli::Record shown(const repair::Action& action, bool dry_run) {
    return cli::Record("repair", dry_run ? "{path:plain}: would mend: {detail:raw} [{check:plain}]"
                                         : "{path:plain}: mended: {detail:raw} [{check:plain}]")
        .set("path", action.path)
        .set("detail", action.detail)
        .set("check", action.check)
        .set("dry_run", cli::Value(dry_run));
}

std::string sums_text(const Reading& reading) {
    std::string text = "{accounts:account|accounts}, {messages:message|messages}, {size_bytes:bytes}, ";
    if (reading.sample) text += "{read_messages} of them read ({read_bytes:bytes}; {sample_percent} %, seed {seed}), ";
    return text + "in {elapsed_seconds} s";
}

cli::Record with_sums(cli::Record record, const check::Summary& sums, const Reading& reading, double elapsed_seconds) {
    record.set("problems", sums.errors)
        .set("warning_findings", sums.warnings)
        .set("accounts", sums.accounts)
        .set("messages", sums.messages)
        .set("size_bytes", sums.size_bytes)
        .set("read_messages", sums.read_messages)
        .set("read_bytes", sums.read_bytes);
    if (reading.sample)
        record.set("sample_percent", cli::Value(reading.sample->share * 100)).set("seed", reading.sample->seed);
    return record.set("elapsed_seconds", cli::Value(elapsed_seconds));
}

}  // namespace mox::verifydata
