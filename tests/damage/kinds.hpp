#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "subject.hpp"

// What can happen to a data directory, one thing at a time, at random places.

namespace mox::test {

struct Fault {
    std::string what;                // for people
    std::vector<std::string> paths;  // a finding at one of these names the right place
    std::string check = {};          // that must be the one to find it; empty: any
    std::string database = {};       // whose contents tell whether anything was lost; empty: none
    // Nobody can tell: an older database as a whole, the last transaction of a log.
    bool is_exempt = false;
};

struct Kind {
    std::string group;  // "message files", "rows", "snapshot", or the name of a database
    std::string name;
    std::function<std::optional<Fault>(Subject&, Random&)> inflict;  // nullopt: there is no such place
    bool needs_contents = false;                                     // only --read-data can find it
    Subject::As as = Subject::As::data_directory;
};
// `older`: a folder with an older copy of each database, at its path.
[[nodiscard]] std::vector<Kind> all_kinds(const Subject& subject, const std::filesystem::path& older);

// The parts of it.
[[nodiscard]] std::vector<Kind> file_kinds();
[[nodiscard]] std::vector<Kind> database_kinds(const Subject& subject, const std::filesystem::path& older);
[[nodiscard]] std::vector<Kind> row_kinds();

struct Outcome {
    Fault fault;
    bool by_default = false, with_contents = false, at_right_place = false;
    bool is_harmless = false;  // a database that says what it said
    double default_seconds = 0, contents_seconds = 0;
    std::set<std::pair<std::string, std::string>> found;

    [[nodiscard]] bool is_missed() const { return !with_contents && !is_harmless && !fault.is_exempt; }
};
// One fault of this kind; the subject is as before afterwards.
[[nodiscard]] std::optional<Outcome> try_one(Subject& subject, const Kind& kind, Random& random);

}  // namespace mox::test
