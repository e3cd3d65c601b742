#include "journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace mox::load {

std::string Commit::to_line() const {
    return fmt::format("{} {} {} {:016x} {} {}", committed_us, account, state.modseq, state.hash, operation, took_us);
}

void Journal::add(Commit commit) {
    accounts_[commit.account].emplace(commit.state.modseq, std::move(commit));
}

void Journal::read(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) throw std::runtime_error(file.string() + ": cannot be read");
    std::string text;
    for (int number = 1; std::getline(in, text); ++number) {
        std::istringstream line(text);
        Commit commit;
        line >> commit.committed_us >> commit.account >> commit.state.modseq >> std::hex >> commit.state.hash >>
            std::dec >> commit.operation >> commit.took_us;
        if (!line) throw std::runtime_error(fmt::format("{}:{}: not a commit: {}", file.string(), number, text));
        add(std::move(commit));
    }
}

std::vector<std::string> Journal::contradictions() const {
    std::vector<std::string> found;
    for (const auto& [account, commits] : accounts_) {
        std::int64_t last = commits.begin()->first - 1;
        for (const auto& [modseq, commit] : commits) {
            if (modseq != last + 1)
                found.push_back(
                    fmt::format("account {}: after modseq {} comes {} ({})", account, last, modseq, commit.to_line()));
            last = modseq;
        }
    }
    return found;
}

const Commit* Journal::find(int account, std::int64_t modseq) const {
    const auto commits = accounts_.find(account);
    if (commits == accounts_.end()) return nullptr;
    const auto commit = commits->second.find(modseq);
    return commit == commits->second.end() ? nullptr : &commit->second;
}

std::vector<std::string> Journal::around(int account, std::int64_t from_us, std::int64_t to_us,
                                         std::size_t limit) const {
    std::vector<std::string> lines;
    const auto commits = accounts_.find(account);
    if (commits == accounts_.end()) return lines;
    for (const auto& [modseq, commit] : commits->second)
        if (from_us <= commit.committed_us && commit.committed_us <= to_us && lines.size() < limit)
            lines.push_back(commit.to_line());
    return lines;
}

std::vector<std::int64_t> Journal::delivery_times_us() const {
    std::vector<std::int64_t> times;
    for (const auto& [account, commits] : accounts_)
        for (const auto& [modseq, commit] : commits)
            if (commit.operation == "deliver") times.push_back(commit.took_us);
    std::ranges::sort(times);
    return times;
}

std::string objection(const Journal& journal, const Sighting& sighting) {
    const Commit* commit = journal.find(sighting.account, sighting.state.modseq);
    std::string what;
    if (commit == nullptr)
        what = "no commit had this modseq";
    else if (commit->state.hash != sighting.state.hash)
        what = fmt::format("the commit of this modseq left {:016x}", commit->state.hash);
    else if (sighting.state.modseq < sighting.committed_before)
        what = fmt::format("modseq {} was committed before the snapshot began", sighting.committed_before);
    if (what.empty()) return what;
    return fmt::format("{}: account {} is at modseq {} with {:016x}, but {}", sighting.snapshot, sighting.account,
                       sighting.state.modseq, sighting.state.hash, what);
}

}  // namespace mox::load
