#include "cli/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

#include "base/encoding.hpp"

namespace mox::cli {

namespace {

std::string listed(const std::vector<std::string>& choices) {
    std::string out;
    for (const auto& choice : choices) out += (out.empty() ? "" : ",") + choice;
    return "{" + out + "}";
}

}  // namespace

void add_config_options(CLI::App& app, DataDirOptions& options) {
    auto* config =
        app.add_option("-c,--config", options.config,
                       "configuration file that names the data directory (default: $MOXCONF, else config/mox.conf)")
            ->type_name("FILE");
    app.add_option("--data-dir", options.data_dir, "data directory, without reading a configuration")
        ->type_name("DIR")
        ->excludes(config);
}

std::filesystem::path config_file(const DataDirOptions& options) {
    if (options.config) return *options.config;
    const char* environment = std::getenv("MOXCONF");
    if (environment != nullptr && *environment != '\0') return environment;
    return "config/mox.conf";
}

void add_jobs_option(CLI::App& app, unsigned& jobs) {
    app.add_option("-j,--jobs", jobs, "threads that read and write files (default: one for each CPU)")
        ->type_name("N")
        ->check(CLI::Range(0U, 1024U).description(""));
}

void add_dry_run_option(CLI::App& app, bool& dry_run) {
    app.add_flag("-n,--dry-run", dry_run, "say what would be done and change nothing");
}

void add_lock_timeout_option(CLI::App& app, std::chrono::seconds& timeout) {
    constexpr std::int64_t longest_seconds = 7 * 24 * 3600;
    app.add_option_function<std::int64_t>(
           "--lock-timeout", [&timeout](std::int64_t seconds) { timeout = std::chrono::seconds(seconds); },
           "seconds to wait for another process that holds a lock")
        ->type_name("SECONDS")
        ->default_str(std::to_string(timeout.count()))
        ->check(CLI::Range(std::int64_t{0}, longest_seconds).description(""));
}

CLI::Option* add_choice(CLI::App& app, std::string_view name, const std::vector<std::string>& choices,
                        std::function<void(std::size_t)> chosen, std::string_view description,
                        std::optional<std::size_t> default_index) {
    const auto index_of = [choices](const std::string& text) {
        return static_cast<std::size_t>(std::find(choices.begin(), choices.end(), text) - choices.begin());
    };
    CLI::Validator is_choice(
        [=](std::string& text) {
            return index_of(text) < choices.size()
                       ? std::string()
                       : fmt::format("{} is not one of {}", quote(text), fmt::join(choices, ", "));
        },
        listed(choices));
    auto* option = app.add_option_function<std::string>(
        std::string(name), [=](const std::string& text) { chosen(index_of(text)); }, std::string(description));
    option->type_name("")->check(is_choice);
    if (default_index) option->default_str(choices.at(*default_index));
    if (!name.starts_with('-')) option->required();
    return option;
}

}  // namespace mox::cli
