#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "datadir/layout.hpp"
#include "snapshot/restore_directory.hpp"

// Databases that came out of a snapshot begin a new life. Internal to this folder.

namespace mox::snapshot {

struct RenewedAccount {
    std::int64_t mailboxes = 0, messages = 0;
};
// Puts the account's databases into WAL mode, its id counter above every message file, and, if asked for, gives every
// mailbox a UIDVALIDITY above its old one and above those that an account made now would begin with.
RenewedAccount renew_account(const datadir::Layout& layout, std::string_view account, UidValidity uidvalidity,
                             const Clock& clock);

// The same for the queue, if there is one; returns how many messages wait in it. `hold`: they wait on.
std::int64_t renew_queue(const datadir::Layout& layout, bool hold);

// All databases that stand directly below the directory, each in a call of `guarded` with its name.
void renew_others(const datadir::Layout& layout,
                  const std::function<void(const std::string&, const std::function<void()>&)>& guarded);

}  // namespace mox::snapshot
