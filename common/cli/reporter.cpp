#include "cli/reporter.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace mox::cli {

namespace {

constexpr std::size_t remembered_messages = 4096;

std::string_view color_of(std::string_view severity) {
    if (severity == "error") return "\x1b[1;31m";
    if (severity == "warning") return "\x1b[1;33m";
    return "\x1b[1m";
}

}  // namespace

std::string_view name_of(Severity severity) {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
    }
    return "error";
}

Reporter::Reporter(Settings settings, Output& out, Output& err)
    : settings_(std::move(settings)),
      out_(out),
      err_(err) {}

void Reporter::result(const Record& record, Show show) {
    const std::lock_guard lock(mutex_);
    on_record(record);
    if (show == Show::if_verbose && settings_.level != Level::verbose) return;
    if (show == Show::unless_quiet && settings_.level == Level::quiet && settings_.format == Format::text) return;
    write_record(record);
}

void Reporter::finding(const Finding& finding) {
    const std::string text = "{path:plain}: {severity:plain}: {detail:raw}";
    Record record("finding", finding.check.empty() ? text : text + " [{check:plain}]");
    record.set("path", finding.path).set("severity", name_of(finding.severity));
    record.set("detail", one_line(finding.detail)).set("check", finding.check);
    if (!finding.hint.empty() && settings_.format == Format::json) record.set("hint", one_line(finding.hint));
    const std::lock_guard lock(mutex_);
    ++findings_;
    on_record(record);
    write_record(record);
    if (settings_.format == Format::text) hint_line(finding.hint);
}

void Reporter::summary(Record record) {
    if (record.type() != "summary") throw std::logic_error("a summary must have the type 'summary'");
    const std::lock_guard lock(mutex_);
    summary_ = std::move(record);
}

void Reporter::step(std::string_view text) {
    const std::lock_guard lock(mutex_);
    Record record("step");
    record.set("message", one_line(text));
    on_record(record);
    if (settings_.level != Level::verbose) return;
    if (settings_.format == Format::json)
        write_record(record);
    else
        write_error_line({}, text);
}

void Reporter::warning(std::string_view text, std::string_view hint) {
    const std::lock_guard lock(mutex_);
    if (!is_new("warning", text)) return;
    ++warnings_;
    message("warning", text, hint, {});
}

void Reporter::error(std::string_view text, std::string_view hint, Errc error_code) {
    failure(text, hint, name_of(error_code));
}

void Reporter::failure(std::string_view text, std::string_view hint, std::string_view error_code) {
    const std::lock_guard lock(mutex_);
    if (!is_new("error", text)) return;
    ++errors_;
    message("error", text, hint, error_code);
}

void Reporter::message(std::string_view severity, std::string_view text, std::string_view hint,
                       std::string_view error_code) {
    Record record(severity);
    if (!error_code.empty()) record.set("code", error_code);
    record.set("message", one_line(text));
    if (!hint.empty()) record.set("hint", one_line(hint));
    on_record(record);
    if (settings_.format == Format::json) return write_record(record);
    write_error_line(severity, text);
    hint_line(hint);
}

void Reporter::hint_line(std::string_view hint) {
    if (!hint.empty() && is_new("hint", hint)) write_error_line("hint", hint);
}

bool Reporter::is_new(std::string_view severity, std::string_view text) {
    if (said_.size() >= remembered_messages) said_.clear();
    return said_.insert(fmt::format("{}: {}", severity, text)).second;
}

void Reporter::finish(int exit_code) {
    const std::lock_guard lock(mutex_);
    erase_status();
    status_.clear();
    if (settings_.format == Format::json) {
        Record record = summary_.value_or(Record("summary"));
        record.set("exit_code", exit_code).set("warnings", warnings_).set("errors", errors_).set("findings", findings_);
        on_record(record);
        write_record(record);
    } else if (summary_) {
        on_record(*summary_);
        if (settings_.level != Level::quiet) write_record(*summary_);
    }
    if (output_failure_) std::rethrow_exception(std::exchange(output_failure_, nullptr));
    out_.flush();
}

void Reporter::write_record(const Record& record) {
    std::string line = settings_.format == Format::json ? record.to_json() : record.to_text();
    if (!line.ends_with('\n')) line += '\n';
    const bool shares_terminal = !status_.empty() && out_.is_terminal();
    if (shares_terminal) erase_status();
    out_.write(line);
    if (shares_terminal) draw_status();
}

// Results that were written before come first where both streams end in the same place. When standard output does not
// take them, the message is still said, and finish() throws what happened.
void Reporter::flush_results() try { out_.flush(); } catch (const Error&) {
    output_failure_ = std::current_exception();
}

void Reporter::write_error_line(std::string_view severity, std::string_view text) {
    std::string line = settings_.program + ": ";
    if (!severity.empty())
        line += settings_.color ? fmt::format("{}{}:\x1b[0m ", color_of(severity), severity)
                                : fmt::format("{}: ", severity);
    line += one_line(text) + "\n";
    erase_status();
    flush_results();
    err_.write(line);
    draw_status();
}

void Reporter::erase_status() {
    if (!status_.empty()) err_.write("\r\x1b[K");
}

void Reporter::draw_status() {
    if (!status_.empty()) err_.write(status_);
}

void Reporter::show_status(std::string_view line) {
    const std::lock_guard lock(mutex_);
    erase_status();
    status_ = line;
    draw_status();
}

void Reporter::print_status(std::string_view line) {
    const std::lock_guard lock(mutex_);
    erase_status();
    err_.write(fmt::format("{}: {}\n", settings_.program, line));
    draw_status();
}

std::size_t Reporter::warning_count() const {
    const std::lock_guard lock(mutex_);
    return warnings_;
}

std::size_t Reporter::error_count() const {
    const std::lock_guard lock(mutex_);
    return errors_;
}

std::size_t Reporter::finding_count() const {
    const std::lock_guard lock(mutex_);
    return findings_;
}

}  // namespace mox::cli
