#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datadir/layout.hpp"
#include "server/log/level.hpp"

// The commands that a running server does for programs of the same user (and root), and what they get. How they come
// to it is told in server/ctl/protocol.hpp.

namespace mox::ctl {

// What was asked: bytes without NUL, as they come from a shell.
struct Request {
    std::string command;
    std::vector<std::string> arguments;
};

// Where the results of a command go. Lines reach the other side while the command runs; line() waits while much of it
// is unread, and throws Error{failed} when the other side has gone.
class Output {
public:
    virtual ~Output() = default;
    // One result; what it means is between the command and the program that asked. It may contain anything, also line
    // feeds.
    virtual void line(std::string_view text) = 0;
    // As cli::Reporter::warning().
    virtual void warning(std::string_view message, std::string_view hint = {}) = 0;
};

// The running server, as commands see it. Everything may be called from any thread.
struct Context {
    datadir::Layout layout;
    std::filesystem::path config_file;  // mox.conf
    log::Levels& levels;
    // Begins to end the server and returns at once.
    std::function<void()> stop;
    // domains.conf was changed: it is in force when this returns. Throws Error when it cannot be used, and then what
    // was in force stays so.
    std::function<void()> reload_domains;
};

// One command. run() works on a thread where it may block, several at a time. It returns an exit code (docs/cli.md) or
// throws Error, which the asking program then throws in its turn: code, message, hint.
struct Command {
    std::string_view name;
    std::size_t least_arguments = 0, most_arguments = 0;
    int (*run)(Context& context, const std::vector<std::string>& arguments, Output& output) = nullptr;
};

class Commands {
public:
    // `commands` must outlive this. A name may come once.
    void add(std::span<const Command> commands);
    // Throws Error{usage} for a command that is not there or another number of arguments.
    int run(Context& context, const Request& request, Output& output) const;

private:
    std::map<std::string_view, const Command*> by_name_;
};

// stop; loglevels [PACKAGE LEVEL]: lists the levels, or sets that of a package ("(default)" is everything; an
// empty level removes the package's own); reload: takes domains.conf over at once.
[[nodiscard]] std::span<const Command> own_commands();

}  // namespace mox::ctl
