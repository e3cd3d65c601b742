#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "check/verify.hpp"

// For every test that writes into a data directory: afterwards all promises hold. Needs the layer `check`.

namespace mox::test {

// "path: severity: detail [check]", contents of message files included.
inline std::vector<std::string> broken_promises(const datadir::Layout& layout) {
    std::vector<std::string> found;
    (void)check::verify(layout, {.contents = check::Contents::hashes, .jobs = 2}, [&](const check::Finding& finding) {
        // Tests write files as they like.
        if (finding.check == "owner-mode") return;
        found.push_back(finding.path + ": " + finding.detail + " [" + std::string(finding.check) + "]");
    });
    return found;
}

inline void check_promises(const datadir::Layout& layout) {
    const auto found = broken_promises(layout);
    for (const auto& finding : found) UNSCOPED_INFO(finding);
    REQUIRE(found.empty());
}

}  // namespace mox::test
