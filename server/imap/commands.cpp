#include "server/imap/commands.hpp"

#include <array>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

constexpr std::array commands{
    CommandEntry{"AUTHENTICATE", Allowed::not_authenticated, cmd_authenticate},
    CommandEntry{"CAPABILITY", Allowed::always, cmd_capability},
    CommandEntry{"ID", Allowed::always, cmd_id},
    CommandEntry{"LOGIN", Allowed::not_authenticated, cmd_login},
    CommandEntry{"LOGOUT", Allowed::always, cmd_logout},
    CommandEntry{"NOOP", Allowed::always, cmd_noop},
    CommandEntry{"STARTTLS", Allowed::not_authenticated, cmd_starttls},
};

}  // namespace

const CommandEntry* find_command(std::string_view name) {
    for (const auto& command : commands)
        if (equal_ignoring_case(command.name, name)) return &command;
    return nullptr;
}

}  // namespace mox::imap
