#pragma once

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "repair/repair.hpp"
#include "support/healthy_directory.hpp"

namespace mox::test {

struct Fixed {
    std::vector<repair::Action> actions;
    std::set<std::string> troubles;
    std::vector<check::Finding> left;
    repair::Summary summary;

    [[nodiscard]] std::set<std::string> checks() const {
        std::set<std::string> ids;
        for (const auto& action : actions) ids.emplace(action.check);
        return ids;
    }
    [[nodiscard]] std::set<std::string> left_checks() const {
        std::set<std::string> ids;
        for (const auto& finding : left) ids.emplace(finding.check);
        return ids;
    }
};

inline std::bitset<check::check_count> these(const std::vector<std::string>& ids) {
    std::bitset<check::check_count> set;
    for (const auto& id : ids) set.set(check::index_of(id));
    return set;
}

inline Fixed fix(const datadir::Layout& layout,
                 repair::Options options = {.contents = check::Contents::hashes, .jobs = 2}) {
    Fixed fixed;
    fixed.summary = repair::fix(
        layout, options,
        {.action =
             [&](const repair::Action& action) {
                 UNSCOPED_INFO("mended: " << action.path << ": " << action.detail << " [" << action.check << "]");
                 fixed.actions.push_back(action);
             },
         .trouble =
             [&](const std::string& path, const std::string& what, const std::string&) {
                 UNSCOPED_INFO("trouble: " << path << ": " << what);
                 fixed.troubles.insert(path + ": " + what);
             },
         .finding =
             [&](const check::Finding& finding) {
                 UNSCOPED_INFO("left: " << finding.path << ": " << finding.detail << " [" << finding.check << "]");
                 fixed.left.push_back(finding);
             }});
    return fixed;
}

inline Fixed dry_run(const datadir::Layout& layout) {
    return fix(layout, {.dry_run = true, .contents = check::Contents::hashes, .jobs = 2});
}

}  // namespace mox::test
