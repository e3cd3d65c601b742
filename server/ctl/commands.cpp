#include "server/ctl/commands.hpp"

#include <array>
#include <stdexcept>
#include <tuple>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::ctl {

namespace {

constexpr std::string_view everything = "(default)";
constexpr std::string_view level_words = "levels are error, info, debug and trace";

int stop(Context& context, const std::vector<std::string>&, Output&) {
    context.stop();
    return 0;
}

log::Level level_from(const std::string& name) {
    const auto level = log::level_named(name);
    if (!level) throw Error(Errc::usage, "unknown log level " + quote(name), std::string(level_words));
    return *level;
}

int loglevels(Context& context, const std::vector<std::string>& arguments, Output& output) {
    if (arguments.size() == 1) throw Error(Errc::usage, "a package without its level", std::string(level_words));
    if (arguments.size() == 2) {
        const auto& [package, level] = std::tie(arguments[0], arguments[1]);
        if (package.empty() || package == everything)
            context.levels.set_everything(level_from(level));
        else
            context.levels.set(package, level.empty() ? std::nullopt : std::optional(level_from(level)));
        return 0;
    }
    for (const auto& [package, level] : context.levels.list())
        output.line((package.empty() ? std::string(everything) : package) + ": " + std::string(log::name_of(level)));
    return 0;
}

int reload(Context& context, const std::vector<std::string>&, Output&) {
    context.reload_domains();
    return 0;
}

constexpr std::array own{
    Command{.name = "loglevels", .most_arguments = 2, .run = loglevels},
    Command{.name = "reload", .run = reload},
    Command{.name = "stop", .run = stop},
};

}  // namespace

void Commands::add(std::span<const Command> commands) {
    for (const auto& command : commands)
        if (!by_name_.emplace(command.name, &command).second)
            throw std::logic_error("two commands " + std::string(command.name));
}

int Commands::run(Context& context, const Request& request, Output& output) const {
    const auto found = by_name_.find(request.command);
    if (found == by_name_.end())
        throw Error(Errc::usage, "the server knows no command " + quote(request.command),
                    "server and program are of different versions");
    const Command& command = *found->second;
    const std::size_t count = request.arguments.size();
    if (count < command.least_arguments || count > command.most_arguments)
        throw Error(Errc::usage, "command " + quote(request.command) + " does not take " + std::to_string(count) +
                                     (count == 1 ? " argument" : " arguments"));
    return command.run(context, request.arguments, output);
}

std::span<const Command> own_commands() {
    return own;
}

}  // namespace mox::ctl
