#include "support/run_program.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <stdexcept>

#include "base/file.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

std::string shell_word(const std::string& word) {
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

ProgramRun run_program(const std::vector<std::string>& words, const ProgramOptions& options) {
    const TempDir files;
    std::string command = options.directory.empty() ? "" : "cd " + shell_word(options.directory) + " && ";
    command += "exec env";
    for (const auto& [name, value] : options.environment)
        if (value.empty()) command += " -u " + name;
    for (const auto& [name, value] : options.environment)
        if (!value.empty()) command += " " + name + "=" + shell_word(value);
    for (const auto& word : words) command += " " + shell_word(word);
    command += " </dev/null >" + shell_word((files / "out").string()) + " 2>" + shell_word((files / "err").string());
    if (!options.redirection.empty()) command += " " + options.redirection;
    const int status = std::system(command.c_str());
    if (status == -1) throw std::runtime_error("cannot run " + words.at(0));
    const auto text_of = [&](const char* name) {
        return status_of(files / name) ? read_file(files / name) : std::string();
    };
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text_of("out"), text_of("err")};
}

}  // namespace mox::test
