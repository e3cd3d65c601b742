#include "kinds.hpp"

#include <algorithm>

namespace mox::test {

namespace {

bool is_at(const std::string& path, const std::vector<std::string>& places) {
    return std::ranges::any_of(
        places, [&](const std::string& place) { return path == place || path.starts_with(place + "/"); });
}

bool finds(const Subject::Findings& findings, const Fault& fault) {
    return std::ranges::any_of(findings.found, [&](const auto& finding) {
        return is_at(finding.first, fault.paths) && (fault.check.empty() || finding.second == fault.check);
    });
}

}  // namespace

std::vector<Kind> all_kinds(const Subject& subject, const std::filesystem::path& older) {
    std::vector<Kind> kinds = file_kinds();
    for (auto& kind : database_kinds(subject, older)) kinds.push_back(std::move(kind));
    for (auto& kind : row_kinds()) kinds.push_back(std::move(kind));
    return kinds;
}

std::optional<Outcome> try_one(Subject& subject, const Kind& kind, Random& random) {
    const auto fault = kind.inflict(subject, random);
    if (!fault) {
        subject.restore();
        return std::nullopt;
    }
    Outcome outcome{.fault = *fault};
    const auto by_default = subject.verify(check::Contents::sizes, kind.as);
    const auto with_contents = subject.verify(check::Contents::hashes, kind.as);
    outcome.default_seconds = by_default.seconds;
    outcome.contents_seconds = with_contents.seconds;
    outcome.by_default = !by_default.found.empty();
    outcome.with_contents = !with_contents.found.empty();
    outcome.at_right_place = finds(with_contents, *fault);
    outcome.found = with_contents.found;
    if (!outcome.with_contents && !fault->database.empty())
        outcome.is_harmless =
            logical_dump(subject.work() / fault->database) == logical_dump(subject.pristine(fault->database));
    subject.restore();
    return outcome;
}

}  // namespace mox::test
