#include "config/validate.hpp"

#include <algorithm>
#include <iterator>

#include "config/validation.hpp"

namespace mox::config {

namespace {

bool is_sound(const Config& config, const std::filesystem::path& file) {
    return std::ranges::none_of(config.problems, [&](const FileProblem& found) {
        return found.file == file && found.problem.severity == sconf::Severity::error;
    });
}

}  // namespace

void validate(Config& config, const ValidateOptions& options) {
    const bool static_is_sound = is_sound(config, config.paths.static_file);
    const bool domains_is_sound = is_sound(config, config.paths.domains_file);
    std::vector<FileProblem> found;
    const auto look = [&](const std::filesystem::path& file, const sconf::Lines& lines, auto&&... parts) {
        Validation v(config, file, lines, options.check_files);
        (parts(v), ...);
        std::ranges::move(v.take(), std::back_inserter(found));
    };
    // Each refers to names in the other.
    if (static_is_sound && domains_is_sound) {
        look(config.paths.static_file, config.settings_lines, validate_static);
        look(config.paths.domains_file, config.domains_lines, validate_domains, validate_web);
    }
    std::ranges::move(found, std::back_inserter(config.problems));
    std::ranges::stable_sort(config.problems, {}, [&](const FileProblem& problem) {
        return std::pair(problem.file != config.paths.static_file, problem.problem.line);
    });
}

}  // namespace mox::config
