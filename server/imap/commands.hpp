#pragma once

#include <string_view>

#include "server/imap/session.hpp"

namespace mox::imap {

// In which states a command may be used. selected: only with a mailbox; authenticated: also with one.
enum class Allowed { always, not_authenticated, authenticated, selected };

struct CommandEntry {
    std::string_view name;  // upper case
    Allowed allowed;
    // The parser stands behind the command's name. None: UID, which another command follows.
    void (*run)(Session& session, Parser& parser);
    // What is told at its end; with UID before it, everything.
    Updates updates = Updates::none;
    bool by_uid = false;  // UID may stand before it
};

// nullptr: there is no such command. In any case.
[[nodiscard]] const CommandEntry* find_command(std::string_view name);

void cmd_authenticate(Session& session, Parser& parser);
void cmd_capability(Session& session, Parser& parser);
void cmd_id(Session& session, Parser& parser);
void cmd_login(Session& session, Parser& parser);
void cmd_logout(Session& session, Parser& parser);
void cmd_noop(Session& session, Parser& parser);
void cmd_starttls(Session& session, Parser& parser);

void cmd_append(Session& session, Parser& parser);
void cmd_cancelupdate(Session& session, Parser& parser);
void cmd_close(Session& session, Parser& parser);
void cmd_compress(Session& session, Parser& parser);
void cmd_copy(Session& session, Parser& parser);
void cmd_create(Session& session, Parser& parser);
void cmd_delete(Session& session, Parser& parser);
void cmd_enable(Session& session, Parser& parser);
void cmd_examine(Session& session, Parser& parser);
void cmd_expunge(Session& session, Parser& parser);
void cmd_fetch(Session& session, Parser& parser);
void cmd_idle(Session& session, Parser& parser);
void cmd_list(Session& session, Parser& parser);
void cmd_lsub(Session& session, Parser& parser);
void cmd_move(Session& session, Parser& parser);
void cmd_namespace(Session& session, Parser& parser);
void cmd_rename(Session& session, Parser& parser);
void cmd_search(Session& session, Parser& parser);
void cmd_select(Session& session, Parser& parser);
void cmd_sort(Session& session, Parser& parser);
void cmd_status(Session& session, Parser& parser);
void cmd_store(Session& session, Parser& parser);
void cmd_subscribe(Session& session, Parser& parser);
void cmd_thread(Session& session, Parser& parser);
void cmd_uidbatches(Session& session, Parser& parser);
void cmd_unselect(Session& session, Parser& parser);
void cmd_unsubscribe(Session& session, Parser& parser);

// What CAPABILITY, the greeting and a successful login tell: "CAPABILITY IMAP4rev1 …".
[[nodiscard]] std::string capabilities(const Session& session);

}  // namespace mox::imap
