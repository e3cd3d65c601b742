#include "server/imap/commands.hpp"

#include <array>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

constexpr std::array commands{
    CommandEntry{"AUTHENTICATE", Allowed::not_authenticated, cmd_authenticate},
    CommandEntry{"CAPABILITY", Allowed::always, cmd_capability},
    CommandEntry{"EXAMINE", Allowed::authenticated, cmd_examine},
    CommandEntry{"FETCH", Allowed::selected, cmd_fetch, Updates::no_expunges, true},
    CommandEntry{"ID", Allowed::always, cmd_id},
    CommandEntry{"LOGIN", Allowed::not_authenticated, cmd_login},
    CommandEntry{"LOGOUT", Allowed::always, cmd_logout},
    CommandEntry{"NOOP", Allowed::always, cmd_noop, Updates::all},
    CommandEntry{"SEARCH", Allowed::selected, cmd_search, Updates::no_expunges, true},
    CommandEntry{"SELECT", Allowed::authenticated, cmd_select},
    CommandEntry{"SORT", Allowed::selected, cmd_sort, Updates::no_expunges, true},
    CommandEntry{"STARTTLS", Allowed::not_authenticated, cmd_starttls},
    CommandEntry{"THREAD", Allowed::selected, cmd_thread, Updates::no_expunges, true},
    CommandEntry{"UID", Allowed::selected, nullptr},
};

}  // namespace

const CommandEntry* find_command(std::string_view name) {
    for (const auto& command : commands)
        if (equal_ignoring_case(command.name, name)) return &command;
    return nullptr;
}

}  // namespace mox::imap
