#include "server/imap/commands.hpp"

#include <array>

#include "base/encoding.hpp"

namespace mox::imap {

namespace {

constexpr std::array commands{
    CommandEntry{"APPEND", Allowed::authenticated, cmd_append, Updates::all},
    CommandEntry{"AUTHENTICATE", Allowed::not_authenticated, cmd_authenticate},
    CommandEntry{"CANCELUPDATE", Allowed::selected, cmd_cancelupdate},
    CommandEntry{"CAPABILITY", Allowed::always, cmd_capability},
    CommandEntry{"CHECK", Allowed::selected, cmd_noop, Updates::all},
    CommandEntry{"CLOSE", Allowed::selected, cmd_close},
    CommandEntry{"COMPRESS", Allowed::authenticated, cmd_compress},
    CommandEntry{"COPY", Allowed::selected, cmd_copy, Updates::all, true},
    CommandEntry{"CREATE", Allowed::authenticated, cmd_create, Updates::all},
    CommandEntry{"DELETE", Allowed::authenticated, cmd_delete, Updates::all},
    CommandEntry{"ENABLE", Allowed::authenticated, cmd_enable},
    CommandEntry{"EXAMINE", Allowed::authenticated, cmd_examine},
    CommandEntry{"EXPUNGE", Allowed::selected, cmd_expunge, Updates::all, true},
    CommandEntry{"FETCH", Allowed::selected, cmd_fetch, Updates::no_expunges, true},
    CommandEntry{"ID", Allowed::always, cmd_id},
    CommandEntry{"IDLE", Allowed::authenticated, cmd_idle, Updates::all},
    CommandEntry{"LIST", Allowed::authenticated, cmd_list, Updates::all},
    CommandEntry{"LOGIN", Allowed::not_authenticated, cmd_login},
    CommandEntry{"LOGOUT", Allowed::always, cmd_logout},
    CommandEntry{"LSUB", Allowed::authenticated, cmd_lsub, Updates::all},
    CommandEntry{"MOVE", Allowed::selected, cmd_move, Updates::all, true},
    CommandEntry{"NAMESPACE", Allowed::authenticated, cmd_namespace},
    CommandEntry{"NOOP", Allowed::always, cmd_noop, Updates::all},
    CommandEntry{"RENAME", Allowed::authenticated, cmd_rename, Updates::all},
    CommandEntry{"SEARCH", Allowed::selected, cmd_search, Updates::no_expunges, true},
    CommandEntry{"SELECT", Allowed::authenticated, cmd_select},
    CommandEntry{"SORT", Allowed::selected, cmd_sort, Updates::no_expunges, true},
    CommandEntry{"STARTTLS", Allowed::not_authenticated, cmd_starttls},
    CommandEntry{"STATUS", Allowed::authenticated, cmd_status, Updates::all},
    CommandEntry{"STORE", Allowed::selected, cmd_store, Updates::no_expunges, true},
    CommandEntry{"SUBSCRIBE", Allowed::authenticated, cmd_subscribe, Updates::all},
    CommandEntry{"THREAD", Allowed::selected, cmd_thread, Updates::no_expunges, true},
    CommandEntry{"UID", Allowed::selected, nullptr},
    CommandEntry{"UIDBATCHES", Allowed::selected, cmd_uidbatches, Updates::all},
    CommandEntry{"UNSELECT", Allowed::selected, cmd_unselect},
    CommandEntry{"UNSUBSCRIBE", Allowed::authenticated, cmd_unsubscribe, Updates::all},
};

}  // namespace

const CommandEntry* find_command(std::string_view name) {
    for (const auto& command : commands)
        if (equal_ignoring_case(command.name, name)) return &command;
    return nullptr;
}

}  // namespace mox::imap
