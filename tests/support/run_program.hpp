#pragma once

#include <string>
#include <utility>
#include <vector>

namespace mox::test {

struct ProgramRun {
    int exit_code = 0;  // 128 + n when signal n ended it
    std::string out, err;
};

struct ProgramOptions {
    std::vector<std::pair<std::string, std::string>> environment;  // added to this process's; an empty value unsets
    std::string redirection;                                       // of the shell: ">/dev/full", ">&-"
    std::string directory;                                         // to run in; empty: this process's
};

// Runs `words` (the program first) with an empty standard input and waits for its end.
[[nodiscard]] ProgramRun run_program(const std::vector<std::string>& words, const ProgramOptions& options = {});

// `word` for a POSIX shell.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace mox::test
