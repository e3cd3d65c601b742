#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "cli/describe.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

// The options and operands of one command. CLI11 reads them; its header, which takes a compiler longer than most of our
// sources, is only seen by command_line.cpp.

namespace mox::cli {

// An option or operand while it is defined. Refers to the command line that made it.
class Option {
public:
    explicit Option(CLI::Option* option) : option_(option) {}

    // What the value is called, which also says how shells complete it: FILE, DIR, PATH, ACCOUNT, MAILBOX. A flag with
    // a name takes an optional value: add_flag("--read-data{100}", percent, "...").type_name("PERCENT") is
    // --read-data[=PERCENT].
    Option& type_name(std::string_view name);
    Option& required();
    // Whole numbers from `least` to `most`.
    Option& range(std::int64_t least, std::int64_t most);
    // One of these; listed in --help and in errors, and completed.
    Option& one_of(const std::vector<std::string>& choices);
    // Of a vector: so many values.
    Option& expected(int least, int most);
    // Of a vector: a value may be a list.
    Option& delimiter(char separator);
    Option& excludes(const Option& other);
    // What --help shows as the default; without a text: what the variable holds now.
    Option& default_text(std::string_view text);
    Option& default_text();
    Option& hidden();

private:
    CLI::Option* option_;
};

class CommandLine {
public:
    CommandLine(const std::string& summary, const std::string& program);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    // A name without dashes is an operand. `value` is written when the line is read and must live until then. An option
    // with a vector takes one value each time it is given; all others may be given once. T: see the end of
    // command_line.cpp.
    template <class T>
    Option add_option(std::string_view name, T& value, std::string_view description);
    // Each value goes to `take`.
    Option add_option_function(std::string_view name, std::function<void(const std::string&)> take,
                               std::string_view description);
    // "--all"; "--verify{new}" has a value when none is given.
    template <class T>
    Option add_flag(std::string_view name, T& value, std::string_view description);
    Option add_flag_function(std::string_view name, std::function<void(const std::string&)> take,
                             std::string_view description);
    // What is added from now on belongs to every command.
    void begin_common_options();

    // What is wrong with the line, Errc::usage; nullopt when it has been read.
    [[nodiscard]] std::optional<Error> parse(std::vector<std::string> arguments);
    // As far as it makes sense: everything is optional, and a word that does not fit ends the reading. Once, and
    // instead of parse().
    void parse_leniently(std::vector<std::string> arguments);
    // Of an option, as it was typed.
    [[nodiscard]] std::optional<std::string> value_of(std::string_view name) const;
    // All that is not hidden, in the order of definition; common options last.
    [[nodiscard]] std::vector<OptionDescription> describe() const;

private:
    std::unique_ptr<CLI::App> app_;
    std::vector<std::unique_ptr<std::string>> texts_;  // of flags with functions
};

}  // namespace mox::cli
