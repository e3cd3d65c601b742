#pragma once

#include <optional>
#include <string_view>

#include "snapshot/restore_target.hpp"
#include "snapshot/select.hpp"
#include "tools/restore/restore.hpp"

// What the options mean. Everything throws Error{usage} for what cannot be.

namespace mox::restore {

enum class Mode { list, messages, whole };
// Refuses options that have no meaning together.
[[nodiscard]] Mode mode_of(const Options& options);

// Mailbox names normalised, dates as moments.
[[nodiscard]] snapshot::Selection selection_of(const Options& options);
// A normalised name that a mailbox may have.
[[nodiscard]] std::string checked_mailbox(std::string_view typed);
// "USER[:GROUP]"; without a group that of the user. nullopt for "".
[[nodiscard]] std::optional<snapshot::Owner> owner_of(std::string_view text);

}  // namespace mox::restore
