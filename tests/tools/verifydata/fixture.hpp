#pragma once

#include <catch2/catch.hpp>

#include "cli/testing.hpp"
#include "support/healthy_directory.hpp"
#include "tools/verifydata/verifydata.hpp"

namespace mox::test {

inline cli::ToolRun run_verifydata(const std::vector<std::string>& arguments) {
    return cli::run_tool(verifydata::tool(), arguments);
}
inline std::string root_of(const HealthyDirectory& directory) {
    return directory.layout().root().native();
}
inline bool says(const cli::ToolRun& run, std::string_view text) {
    INFO(run.out << run.err);
    return (run.out + run.err).find(text) != std::string::npos;
}

}  // namespace mox::test
