#include "tools/import/notes.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "model/flags.hpp"

namespace mox::importing {

namespace {

// Texts of one kind that are shown; the rest is counted.
constexpr std::uint64_t examples_shown = 5;
constexpr std::size_t report_block = 65536;

}  // namespace

Notes::Notes(cli::Reporter& out, const std::filesystem::path& report) : out_(out) {
    if (!report.empty()) report_.emplace(report);
}

void Notes::line(const cli::Record& record) {
    if (!report_) return;
    buffer_ += record.to_json();
    buffer_ += '\n';
    if (buffer_.size() < report_block) return;
    report_->write(buffer_);
    buffer_.clear();
}

void Notes::warning(const intake::Warning& warning) {
    if (++counts_[warning.kind] <= examples_shown) out_.warning(warning.text);
    line(cli::Record("warning").set("kind", intake::describe(warning.kind)).set("message", warning.text));
}

void Notes::warnings(const intake::Warnings& warnings) {
    for (const auto& one : warnings.list) warning(one);
    for (const auto& [kind, count] : warnings.not_kept) {
        counts_[kind] += count;
        line(cli::Record("warning")
                 .set("kind", intake::describe(kind))
                 .set("message", fmt::format("{} more of the kind", count)));
    }
}

void Notes::remark(const std::string& text) {
    out_.warning(text);
    line(cli::Record("warning").set("kind", "options").set("message", text));
}

void Notes::about(const intake::Metadata& metadata) {
    if (metadata.failure) out_.error(metadata.failure->reason);
    for (const auto& one : metadata.warnings) warning({one.kind, metadata.origin + ": " + one.text});
    for (const auto& name : metadata.marks.rejected) {
        ++rejected_keywords_;
        warning({intake::WarningKind::keyword, fmt::format("{}: {} cannot be a keyword: {}", metadata.origin,
                                                           quote(name), model::keyword_problem(name))});
    }
    for (const auto& [name, keyword] : metadata.marks.repaired)
        warning({intake::WarningKind::keyword, fmt::format("{}: keyword {} is kept as {}: {}", metadata.origin,
                                                           quote(name), quote(keyword), model::keyword_problem(name))});
}

void Notes::outcome(const std::string& source, const Outcome& outcome) {
    if (!report_) return;
    cli::Record record("message");
    record.set("source", source).set("result", outcome.result).set("mailboxes", cli::Value(outcome.mailboxes));
    if (outcome.id) record.set("id", *outcome.id);
    if (!outcome.why.empty()) record.set("why", outcome.why);
    line(record);
}

void Notes::finish() {
    for (const auto& [kind, count] : counts_)
        if (count > examples_shown)
            out_.warning(fmt::format("{} more of the kind: {}", count - examples_shown, intake::describe(kind)));
}

bool Notes::commit_report() try {
    if (!report_) return true;
    report_->write(buffer_);
    buffer_.clear();
    report_->commit();
    return true;
} catch (const Error& error) {
    out_.error(std::string("the import is done, but its report could not be written: ") + error.what());
    return false;
}

}  // namespace mox::importing
