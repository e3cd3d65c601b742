#pragma once

#include <string>
#include <vector>

#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// For the tests of commands. Not used by the commands themselves.

namespace mox::cli {

namespace detail {
struct TextPair {
    StringOutput results, messages;
};
}  // namespace detail

// Keeps everything that was said, at every level, and draws no progress.
//
//   cli::RecordingReporter out;
//   CHECK(backup::run(options, out) == cli::Exit::ok);
//   CHECK(out.warnings() == std::vector<std::string>{"..."});
class RecordingReporter : private detail::TextPair, public Reporter {
public:
    RecordingReporter() : RecordingReporter(Settings{.program = "mox-test", .level = Level::verbose}) {}
    explicit RecordingReporter(Settings settings)
        : Reporter(std::move(settings), TextPair::results, TextPair::messages) {}

    // In order: results, findings (type "finding"), messages ("warning", "error", "step"), and, after finish(), the
    // summary.
    [[nodiscard]] const std::vector<Record>& records() const { return records_; }
    [[nodiscard]] std::vector<Record> records_of(std::string_view type) const;
    [[nodiscard]] std::vector<std::string> warnings() const { return messages_of("warning"); }
    [[nodiscard]] std::vector<std::string> errors() const { return messages_of("error"); }
    [[nodiscard]] std::vector<std::string> steps() const { return messages_of("step"); }
    // What standard output and standard error would have got.
    [[nodiscard]] const std::string& out_text() const { return TextPair::results.text(); }
    [[nodiscard]] const std::string& err_text() const { return TextPair::messages.text(); }

protected:
    void on_record(const Record& record) override { records_.push_back(record); }

private:
    [[nodiscard]] std::vector<std::string> messages_of(std::string_view type) const;

    std::vector<Record> records_;
};

// A whole command in this process: parse, run, streams, exit code.
struct ToolRun {
    int exit_code = 0;
    std::string out, err;
};
[[nodiscard]] ToolRun run_tool(const Tool& tool, const std::vector<std::string>& arguments);

}  // namespace mox::cli
