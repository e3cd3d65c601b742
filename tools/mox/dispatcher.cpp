#include "tools/mox/dispatcher.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/main.hpp"
#include "cli/nearest.hpp"
#include "cli/options.hpp"
#include "cli/version.hpp"
#include "tools/all_tools.hpp"
#include "tools/server/tools.hpp"
#include "tools/shared/siblings.hpp"

namespace mox::dispatcher {

namespace {

using cli::Exit;
using cli::Record;
using Arguments = std::vector<std::string>;

constexpr std::string_view usage = "Usage: mox COMMAND [options] operands";

// Commands of the original, and the program here with the words that go before its operands.
struct Alias {
    std::string_view words;
    std::string_view program;
    std::string_view action;
};
constexpr std::array aliases{
    Alias{"config printservice", "printservice", ""},
    Alias{"config account", "account", ""},
    Alias{"config address", "address", ""},
    Alias{"config domain", "domain", ""},
    Alias{"config dnsrecords", "domain", "dnsrecords"},
    Alias{"dnsrecords", "domain", "dnsrecords"},
    Alias{"setaccountpassword", "setpassword", "account"},
    Alias{"setadminpassword", "setpassword", "admin"},
};

std::vector<tools::Entry> present_commands(std::string_view argv0) {
    std::vector<tools::Entry> out;
    for (const auto& entry : tools::all_tools)
        if (tools::server_tool(entry.name) || tools::find_program("mox-" + std::string(entry.name), argv0))
            out.push_back(entry);
    return out;
}

std::string command_list(std::string_view argv0) {
    std::string out = "Commands:\n";
    for (const auto& entry : present_commands(argv0)) out += fmt::format("  {:<14}{}\n", entry.name, entry.summary);
    out += fmt::format("  {:<14}{}\n", "help", "List the commands, or show the help of one.");
    return out + fmt::format("  {:<14}{}\n", "version", "Show the version.");
}

Exit list_commands(std::string_view argv0, cli::Reporter& out) {
    if (out.settings().format == cli::Format::json) {
        for (const auto& entry : present_commands(argv0))
            out.result(Record("command").set("name", entry.name).set("summary", entry.summary));
        return Exit::ok;
    }
    const std::string text =
        fmt::format("{}\n\n{}\n'mox help COMMAND' shows the help of a command.\n", usage, command_list(argv0));
    out.result(Record("help", "{text:raw}").set("text", text));
    return Exit::ok;
}

Exit show_version(cli::Reporter& out) {
    Record record("version", cli::revision().empty()
                                 ? "mox {version:plain}\nlicense: {license:plain}"
                                 : "mox {version:plain} ({revision:plain})\nlicense: {license:plain}");
    record.set("program", "mox").set("version", cli::version());
    if (!cli::revision().empty()) record.set("revision", cli::revision());
    out.result(record.set("license", cli::license));
    return Exit::ok;
}

cli::Tool answering(std::string name, std::string summary, std::function<Exit(cli::Reporter&)> run) {
    cli::Tool tool{.name = name, .summary = std::move(summary), .run = std::move(run)};
    tool.exits = {Exit::ok, Exit::failed, Exit::usage};
    tool.program = "mox" + (name.empty() ? "" : " " + name);
    return tool;
}

Error unknown(const std::string& command, std::string_view argv0) {
    std::vector<std::string> names{"help", "version"};
    for (const auto& entry : present_commands(argv0)) names.emplace_back(entry.name);
    const auto similar = cli::nearest(command, names);
    return Error(Errc::usage, "unknown command " + quote(command),
                 similar ? fmt::format("did you mean 'mox {}'?", *similar) : "'mox help' lists the commands");
}

// Does not return when it succeeds.
Error run_program(const std::filesystem::path& program, Arguments arguments) {
    arguments.insert(arguments.begin(), program.string());
    std::vector<char*> words;
    for (auto& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    ::execv(program.c_str(), words.data());
    return system_error(errno, "run", program.string());
}

// A command that is inside this program.
int run_inside(cli::Tool inside, Arguments arguments) {
    inside.program = "mox " + inside.name;
    arguments.insert(arguments.begin(), inside.program);
    std::vector<char*> words;
    for (auto& argument : arguments) words.push_back(argument.data());
    return cli::main(inside, static_cast<int>(words.size()), words.data());
}

// The name of the command's program; the words that name it are taken from `arguments`.
std::string take_command(Arguments& arguments) {
    for (const auto& alias : aliases) {
        const bool is_one_word = alias.words.find(' ') == std::string_view::npos;
        if (!is_one_word && arguments.size() < 2) continue;
        if ((is_one_word ? arguments[0] : arguments[0] + " " + arguments[1]) != alias.words) continue;
        arguments.erase(arguments.begin(), arguments.begin() + (is_one_word ? 1 : 2));
        if (!alias.action.empty()) arguments.insert(arguments.begin(), std::string(alias.action));
        return std::string(alias.program);
    }
    std::string name = arguments.front();
    arguments.erase(arguments.begin());
    return name;
}

int fail_with(const Error& error, int argc, char** argv, const Arguments& arguments) {
    const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    std::string program = argc > 0 ? argv[0] : "mox";
    std::string option = "--json";
    std::array<char*, 3> words{program.data(), json ? option.data() : nullptr, nullptr};
    return cli::main(answering("", "", [&](cli::Reporter&) -> Exit { throw error; }), json ? 2 : 1, words.data());
}

int dispatch(Arguments arguments, int argc, char** argv) {
    const std::string_view argv0 = argc > 0 ? argv[0] : "mox";
    const Arguments typed = arguments;
    const std::string command = take_command(arguments);
    if (auto inside = tools::server_tool(command)) return run_inside(std::move(*inside), std::move(arguments));
    const auto program = tools::find_program("mox-" + command, argv0);
    if (!program) return fail_with(unknown(command, argv0), argc, argv, typed);
    return fail_with(run_program(*program, std::move(arguments)), argc, argv, typed);
}

}  // namespace

cli::Tool tool() {
    auto tool =
        answering("", "Run the commands of moxtools.", [](cli::Reporter& out) { return list_commands("mox", out); });
    tool.examples = {{"mox backup -c /etc/mox/mox.conf /backup/mox", "The same as mox-backup with these operands."},
                     {"mox help", "The commands that are installed."}};
    return tool;
}

int main(int argc, char** argv) {
    const Arguments arguments(argv + std::min(argc, 1), argv + argc);
    const std::string argv0 = argc > 0 ? argv[0] : "mox";
    if (arguments.empty()) {
        cli::StandardError(2).write(fmt::format("{}\n\n{}", usage, command_list(argv0)));
        return cli::code(Exit::usage);
    }
    const std::string& first = arguments.front();
    const auto list = [&](cli::Reporter& out) { return list_commands(argv0, out); };
    if (first == "--help" || first == "-h" || (first == "help" && arguments.size() == 1)) {
        std::string word = "mox";
        std::array<char*, 2> words{word.data(), nullptr};
        return cli::main(answering("help", "List the commands.", list), 1, words.data());
    }
    if (first == "help" && arguments[1].starts_with('-'))
        return cli::main(answering("help", "List the commands.", list), argc - 1, argv + 1);
    if (first == "help") {
        Arguments shown(arguments.begin() + 1, arguments.end());
        shown.emplace_back("--help");
        if (shown.front() == "help") return dispatch({"--help"}, argc, argv);
        return dispatch(std::move(shown), argc, argv);
    }
    if (first == "--version" || first == "version")
        return cli::main(answering("version", "Show the version.", show_version), argc - 1, argv + 1);
    if (first.starts_with('-')) return cli::main(tool(), argc, argv);
    return dispatch(arguments, argc, argv);
}

}  // namespace mox::dispatcher
