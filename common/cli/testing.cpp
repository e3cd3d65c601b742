#include "cli/testing.hpp"

#include "cli/main.hpp"

namespace mox::cli {

std::vector<Record> RecordingReporter::records_of(std::string_view type) const {
    std::vector<Record> out;
    for (const auto& record : records_)
        if (record.type() == type) out.push_back(record);
    return out;
}

std::vector<std::string> RecordingReporter::messages_of(std::string_view type) const {
    std::vector<std::string> out;
    for (const auto& record : records_of(type)) out.push_back(std::get<std::string>(*record.find("message")));
    return out;
}

ToolRun run_tool(const Tool& tool, const std::vector<std::string>& arguments) {
    StringOutput out;
    StringOutput err;
    const int exit_code = run(tool, arguments, out, err);
    return {exit_code, out.text(), err.text()};
}

}  // namespace mox::cli
