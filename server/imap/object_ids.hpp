#pragma once

#include <string>

#include "store/types.hpp"

// RFC 8474: names of mailboxes, messages and threads that stay the same, and are never used for others.

namespace mox::imap {

[[nodiscard]] inline std::string object_id(store::MailboxId id) {
    return "F" + std::to_string(number(id));
}
// A copy has the id of its original.
[[nodiscard]] inline std::string object_id(store::MessageId id) {
    return "M" + std::to_string(number(id));
}
[[nodiscard]] inline std::string thread_object_id(std::int64_t thread_id) {
    return "T" + std::to_string(thread_id);
}

}  // namespace mox::imap
