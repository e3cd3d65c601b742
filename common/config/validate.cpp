#include "config/validate.hpp"

#include <algorithm>
#include <iterator>

#include "config/validation.hpp"

namespace mox::config {

void validate(Config& config, const ValidateOptions& options) {
    const auto is_error = [](const FileProblem& found) { return found.problem.severity == sconf::Severity::error; };
    if (std::ranges::any_of(config.problems, is_error)) return;
    const auto look = [&](const std::filesystem::path& file, const sconf::Lines& lines, auto&&... parts) {
        Validation v(config, file, lines, options);
        (parts(v), ...);
        std::ranges::move(v.take(), std::back_inserter(config.problems));
    };
    look(config.paths.static_file, config.settings_lines, validate_static);
    look(config.paths.domains_file, config.domains_lines, validate_domains, validate_web);
    std::ranges::stable_sort(config.problems, {}, [&](const FileProblem& problem) {
        return std::pair(problem.file != config.paths.static_file, problem.problem.line);
    });
}

}  // namespace mox::config
