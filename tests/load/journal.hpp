#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "state.hpp"

// What the writers have written down, and what a snapshot is held against.

namespace mox::load {

// One commit of a writer.
struct Commit {
    std::int64_t committed_us = 0;  // since the start of the run, when the commit had returned
    int account = 0;
    State state;
    std::string operation;  // "deliver", …
    std::int64_t took_us = 0;

    [[nodiscard]] std::string to_line() const;  // without a line end
};

// All commits of all writers, of every account by modseq.
class Journal {
public:
    void add(Commit commit);
    // Lines as to_line() writes them. Throws std::runtime_error naming file and line.
    void read(const std::filesystem::path& file);

    // What is wrong with the writers' own story: a modseq twice, or left out. Empty when nothing is.
    [[nodiscard]] std::vector<std::string> contradictions() const;
    // Null when no commit of that account had this modseq.
    [[nodiscard]] const Commit* find(int account, std::int64_t modseq) const;
    // Lines of commits of the account at about that time, at most `limit`.
    [[nodiscard]] std::vector<std::string> around(int account, std::int64_t from_us, std::int64_t to_us,
                                                  std::size_t limit = 40) const;
    // Of all deliveries, sorted.
    [[nodiscard]] std::vector<std::int64_t> delivery_times_us() const;

private:
    std::map<int, std::multimap<std::int64_t, Commit>> accounts_;
};

// What was found in a snapshot of an account, and what was known to be committed before the snapshot began.
struct Sighting {
    std::string snapshot;
    int account = 0;
    State state;
    std::int64_t committed_before = 0;
    std::int64_t started_us = 0, finished_us = 0;
};
// Empty when that state existed, and not only before the snapshot began.
[[nodiscard]] std::string objection(const Journal& journal, const Sighting& sighting);

}  // namespace mox::load
