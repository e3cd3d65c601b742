#pragma once

#include <cstddef>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/error.hpp"
#include "cli/exit.hpp"
#include "cli/output.hpp"
#include "cli/record.hpp"

namespace mox::cli {

enum class Level { quiet, normal, verbose };
enum class Format { text, json };
// At which level a result is shown: `always` is what the user asked for.
enum class Show { always, unless_quiet, if_verbose };
enum class Severity { note, warning, error };

// One problem of checked data. Path relative to the data directory, or "file:line".
struct Finding {
    std::string path;
    Severity severity = Severity::error;
    std::string detail;
    std::string check;  // id of the check; empty where checks have none
    std::string hint;   // empty, or what to do next
};

// Everything a command says (docs/cli.md): results on standard output, messages and progress on standard error; with
// Format::json all of it as JSON lines on standard output. Any thread may call it. Functions that write results throw
// Error{failed} when standard output does not take them. A message repeats neither program nor severity; names in it
// are quoted by base's quote(). A message or hint that was printed is not printed again.
class Reporter {
public:
    struct Settings {
        std::string program;  // "mox-backup"
        Level level = Level::normal;
        Format format = Format::text;
        bool progress = false;  // draw a progress line on standard error
        bool color = false;     // of the severity, on standard error
    };

    // `out` and `err` must outlive it.
    Reporter(Settings settings, Output& out, Output& err);
    virtual ~Reporter() = default;
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;

    void result(const Record& record, Show show = Show::always);
    void finding(const Finding& finding);
    // The one line about the whole run, printed by finish(), so that it is the last; hidden by --quiet unless JSON.
    // Its type is "summary"; exit code and counts are added to its JSON. A second call replaces it.
    void summary(Record record);
    // What is being done now; shown by --verbose.
    void step(std::string_view message);
    void warning(std::string_view message, std::string_view hint = {});
    // For units of work that fail while the command goes on; a failed command throws instead.
    void error(std::string_view message, std::string_view hint = {}, Errc code = Errc::failed);
    // What the command ends with: as error(), with the words of JSON for codes that are no Errc ("internal").
    void failure(std::string_view message, std::string_view hint, std::string_view code);

    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] std::size_t warning_count() const;
    [[nodiscard]] std::size_t error_count() const;
    [[nodiscard]] std::size_t finding_count() const;

    // Prints the summary and flushes; throws Error when standard output did not take everything. Called by cli::main.
    void finish(int exit_code);

    // For Progress. The line at the bottom of the terminal, replaced each time; empty removes it.
    void show_status(std::string_view line);
    // For Progress: one line on standard error, whatever the level.
    void print_status(std::string_view line);
    // Columns a status may have.
    [[nodiscard]] unsigned status_width() const { return err_.width(); }

protected:
    // For tests that look at what was said; called with the lock held.
    virtual void on_record(const Record&) {}

private:
    void message(std::string_view severity, std::string_view text, std::string_view hint, std::string_view code);
    void hint_line(std::string_view hint);
    void write_record(const Record& record);
    void write_error_line(std::string_view severity, std::string_view text);
    void flush_results();
    void erase_status();
    void draw_status();
    [[nodiscard]] bool is_new(std::string_view severity, std::string_view text);

    const Settings settings_;
    Output& out_;
    Output& err_;
    mutable std::mutex mutex_;  // guards everything below, and the outputs
    std::optional<Record> summary_;
    std::unordered_set<std::string> said_;
    std::size_t warnings_ = 0, errors_ = 0, findings_ = 0;
    std::string status_;
    std::exception_ptr output_failure_;
};

[[nodiscard]] std::string_view name_of(Severity severity);

}  // namespace mox::cli
