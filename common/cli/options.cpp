#include "cli/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/encoding.hpp"

namespace mox::cli {

void add_config_options(CommandLine& app, DataDirOptions& options) {
    const Option config =
        app.add_option("-c,--config", options.config,
                       "configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)")
            .type_name("FILE");
    app.add_option("--data-dir", options.data_dir, "data directory, without reading a configuration")
        .type_name("DIR")
        .excludes(config);
}

std::filesystem::path config_file(const DataDirOptions& options) {
    if (options.config) return *options.config;
    const char* environment = std::getenv("MOXCONF");
    if (environment != nullptr && *environment != '\0') return environment;
    return "config/mox.conf";
}

void add_jobs_option(CommandLine& app, unsigned& jobs) {
    app.add_option("-j,--jobs", jobs, "threads that read and write files (default: one for each CPU)")
        .type_name("N")
        .range(0U, 1024U);
}

void add_dry_run_option(CommandLine& app, bool& dry_run) {
    app.add_flag("-n,--dry-run", dry_run, "say what would be done and change nothing");
}

void add_lock_timeout_option(CommandLine& app, std::chrono::seconds& timeout) {
    constexpr std::int64_t longest_seconds = 7 * 24 * 3600;
    app.add_option_function(
           "--lock-timeout", [&timeout](const std::string& text) { timeout = std::chrono::seconds(std::stoll(text)); },
           "seconds to wait for another process that holds a lock")
        .type_name("SECONDS")
        .default_text(std::to_string(timeout.count()))
        .range(0, longest_seconds);
}

Option add_choice(CommandLine& app, std::string_view name, const std::vector<std::string>& choices,
                  std::function<void(std::size_t)> chosen, std::string_view description,
                  std::optional<std::size_t> default_index) {
    Option option = app.add_option_function(
        name,
        [=](const std::string& text) {
            chosen(static_cast<std::size_t>(std::find(choices.begin(), choices.end(), text) - choices.begin()));
        },
        description);
    option.type_name("").one_of(choices);
    if (default_index) option.default_text(choices.at(*default_index));
    if (!name.starts_with('-')) option.required();
    return option;
}

}  // namespace mox::cli
