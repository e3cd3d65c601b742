#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/tool.hpp"

// Options that several commands share, in one wording.

namespace mox::cli {

// Which data directory: named by a configuration file, or directly.
struct DataDirOptions {
    std::optional<std::filesystem::path> config;    // --config
    std::optional<std::filesystem::path> data_dir;  // --data-dir
};

// -c, --config FILE and --data-dir DIR, which exclude each other.
void add_config_options(CommandLine& app, DataDirOptions& options);
// --config, else $MOXCONF, else config/mox.conf. Relevant only without data_dir.
[[nodiscard]] std::filesystem::path config_file(const DataDirOptions& options);

// -j, --jobs N: 0, the default, means one for each CPU (base/parallel.hpp, default_jobs()).
void add_jobs_option(CommandLine& app, unsigned& jobs);
// -n, --dry-run
void add_dry_run_option(CommandLine& app, bool& dry_run);
// --lock-timeout SECONDS; the default is what `timeout` holds.
void add_lock_timeout_option(CommandLine& app, std::chrono::seconds& timeout);

// An option (or, without dashes, a required operand) that takes one of `choices`; shown in --help, in errors, and
// completed. `chosen` gets the index. The default, when there is one, is shown.
Option add_choice(CommandLine& app, std::string_view name, const std::vector<std::string>& choices,
                  std::function<void(std::size_t)> chosen, std::string_view description,
                  std::optional<std::size_t> default_index);

// The same for an enumeration: add_choice(app, "--format", options.format, {{"systemd", Format::systemd}, ...}, "...").
template <class Enum>
Option add_choice(CommandLine& app, std::string_view name, Enum& value,
                  std::initializer_list<std::pair<std::string_view, Enum>> choices, std::string_view description) {
    std::vector<std::string> names;
    std::vector<Enum> values;
    std::optional<std::size_t> default_index;
    for (const auto& [text, choice] : choices) {
        if (choice == value && name.starts_with('-')) default_index = values.size();
        names.emplace_back(text);
        values.push_back(choice);
    }
    return add_choice(
        app, name, names, [&value, values](std::size_t index) { value = values[index]; }, description, default_index);
}

}  // namespace mox::cli
