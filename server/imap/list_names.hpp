#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/session.hpp"
#include "store/types.hpp"

namespace mox::imap {

// A name that LIST or LSUB may tell.
struct ListedName {
    std::optional<store::Mailbox> mailbox;
    bool subscribed = false;
    bool has_children = false;      // there are mailboxes below it
    bool subscribed_below = false;  // or subscriptions
};

// All mailboxes, subscriptions, and what is above subscriptions, sorted.
[[nodiscard]] std::map<std::string, ListedName> listed_names(db::Database& database);

// Patterns as a client sends them; throws Refusal when they are more or longer than anybody needs.
[[nodiscard]] std::string parse_pattern(Session& session, Parser& in);

}  // namespace mox::imap
