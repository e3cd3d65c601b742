#include "cli/main.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <optional>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "cli/application.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/version.hpp"

namespace mox::cli {

namespace {

struct Ending {
    int code = 0;
    std::string message;  // empty: nothing to say
    std::string hint;
    std::string_view name;  // of the error, in JSON
};

bool wants(const std::vector<std::string>& arguments, std::string_view long_name, std::string_view short_name) {
    for (const auto& argument : arguments) {
        if (argument == "--") return false;
        if (argument == long_name || (!short_name.empty() && argument == short_name)) return true;
    }
    return false;
}

bool terminal_understands_escapes() {
    const char* term = std::getenv("TERM");
    return term != nullptr && *term != '\0' && std::string_view(term) != "dumb";
}

bool colors_are_welcome() {
    const char* no_color = std::getenv("NO_COLOR");
    return (no_color == nullptr || *no_color == '\0') && terminal_understands_escapes();
}

Reporter::Settings settings_for(const std::string& program, const CommonOptions& common, const Output& err) {
    const bool is_json = common.json;
    return {.program = program.substr(0, program.find(' ')),
            .level = common.quiet     ? Level::quiet
                     : common.verbose ? Level::verbose
                                      : Level::normal,
            .format = is_json ? Format::json : Format::text,
            .progress =
                err.is_terminal() && terminal_understands_escapes() && !common.quiet && !is_json && !common.no_progress,
            .color = err.is_terminal() && colors_are_welcome()};
}

Exit print_version(const std::string& program, Reporter& out) {
    Record record("version", "{program:plain} {version:plain}");
    record.set("program", program).set("version", version());
    if (!revision().empty()) record.set("revision", revision());
    out.result(record);
    return Exit::ok;
}

Exit print_help(const Tool& tool, const CommandLine& app, Reporter& out) {
    out.result(Record("help", "{text:raw}").set("text", help_text(tool, app)));
    return Exit::ok;
}

// The one place that knows what each kind of failure means for the process.
Ending ending_of(const std::string& program, const std::function<Exit()>& work) try {
    return {.code = code(work())};
} catch (const Interrupted& stop) {
    return {code_for_signal(stop.signal_number()), stop.what(), stop.hint(), name_of(Errc::interrupted)};
} catch (const Error& error) {
    const std::string pointer =
        error.code() == Errc::usage && error.hint().empty() ? fmt::format("see '{} --help'", program) : "";
    return {code(exit_for(error.code())), error.what(), error.hint() + pointer, name_of(error.code())};
} catch (const std::bad_alloc&) {
    return {code(Exit::failed), "not enough memory", "", name_of(Errc::failed)};
} catch (const std::exception& bug) {
    return {code(Exit::internal), fmt::format("internal error: {}", bug.what()),
            "this is a bug; please report it with the command that led to it", "internal"};
}

// The common options of a line that the parser refuses, so that the refusal is told in the form that was asked for and
// --help works beside any mistake.
CommonOptions common_options_in(const std::vector<std::string>& arguments) {
    return {.help = wants(arguments, "--help", "-h"),
            .version = wants(arguments, "--version", ""),
            .quiet = wants(arguments, "--quiet", "-q"),
            .verbose = wants(arguments, "--verbose", "-v"),
            .json = wants(arguments, "--json", ""),
            .no_progress = wants(arguments, "--no-progress", "")};
}

// Says how it ended. When standard output does not take that, standard error gets it, and success becomes failure.
int finish(Reporter& out, const std::string& program, const Ending& ending, Output& err) {
    const auto written = ending_of(program, [&] {
        if (!ending.message.empty()) out.failure(ending.message, ending.hint, ending.name);
        out.finish(ending.code);
        return Exit::ok;
    });
    if (written.code == 0) return ending.code;
    if (out.settings().format == Format::json && !ending.message.empty())
        err.write(fmt::format("{}: error: {}\n", out.settings().program, one_line(ending.message)));
    err.write(fmt::format("{}: error: {}\n", out.settings().program, one_line(written.message)));
    const bool had_succeeded = ending.code == code(Exit::ok) || ending.code == code(Exit::incomplete);
    return had_succeeded ? written.code : ending.code;
}

}  // namespace

int run(const Tool& tool, const std::vector<std::string>& arguments, Output& out, Output& err) {
    const std::string program = program_name(tool);
    CommonOptions common;
    const auto app = make_application(tool, common);
    if (!arguments.empty() && arguments.front() == "--complete") return complete(tool, *app, arguments, out);
    const auto refused = app->parse(arguments);
    if (refused) common = common_options_in(arguments);
    Reporter reporter(settings_for(program, common, err), out, err);
    const Ending ending = ending_of(program, [&] {
        if (common.help) return print_help(tool, *app, reporter);
        if (common.version) return print_version(program, reporter);
        if (refused) throw Error(*refused);
        return tool.run(reporter);
    });
    return finish(reporter, program, ending, err);
}

int main(const Tool& tool, int argc, char** argv) {
    occupy_standard_descriptors();
    install_signal_handlers();
    StandardOutput out(1);
    StandardError err(2);
    return run(tool, std::vector<std::string>(argv + std::min(argc, 1), argv + argc), out, err);
}

}  // namespace mox::cli
