#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "cli/reporter.hpp"
#include "intake/message.hpp"

namespace mox::importing {

// What is said about messages: the first warnings of each kind on the reporter, and everything, with a line for each
// message, in the report file (man mox-import, REPORT).
class Notes {
public:
    // `report`: the file to write; nothing when empty.
    Notes(cli::Reporter& out, const std::filesystem::path& report);

    // Failure, warnings and keywords that were changed.
    void about(const intake::Metadata& metadata);
    void warning(const intake::Warning& warning);
    void warnings(const intake::Warnings& warnings);  // of a source
    // About the options; always shown.
    void remark(const std::string& text);
    // What became of a message. `id` and `why` may be missing.
    struct Outcome {
        std::string_view result;  // "imported", "duplicate", "too_old", "failed"
        std::vector<std::string> mailboxes;
        std::optional<std::int64_t> id;
        std::string why;
    };
    void outcome(const std::string& source, const Outcome& outcome);
    void line(const cli::Record& record);

    // Says how many warnings of each kind were not shown. Before the import is committed.
    void finish();
    // Durable under its name. After the import is committed, so that a report never tells what did not happen; so it
    // does not throw: false when the report could not be written, which is said.
    [[nodiscard]] bool commit_report();

    [[nodiscard]] std::int64_t rejected_keywords() const { return rejected_keywords_; }

private:
    cli::Reporter& out_;
    std::optional<AtomicFile> report_;
    std::string buffer_;
    std::map<intake::WarningKind, std::uint64_t> counts_;
    std::int64_t rejected_keywords_ = 0;
};

}  // namespace mox::importing
