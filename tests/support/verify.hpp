#pragma once

#include <string>
#include <vector>

#include "check/verify.hpp"

namespace mox::test {

// Every promise that a data directory does not keep, contents of messages included; empty when all is well. With
// `check` among the layers a test uses.
[[nodiscard]] inline std::vector<std::string> findings_in(const datadir::Layout& layout) {
    std::vector<std::string> found;
    (void)check::verify(layout, {.contents = check::Contents::hashes, .jobs = 2}, [&](const check::Finding& finding) {
        found.push_back(finding.path + ": " + finding.detail + " [" + std::string(finding.check) + "]");
    });
    return found;
}

}  // namespace mox::test
