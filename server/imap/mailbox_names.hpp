#pragma once

#include <string>
#include <string_view>

#include "server/imap/session.hpp"

// Names of mailboxes on the wire: UTF-8 once a client has enabled IMAP4rev2 or UTF8=ACCEPT, else modified UTF-7 (RFC
// 3501 section 5.1.3). In the latter case UTF-8 is understood too.

namespace mox::imap {

// What a client sent, normalised; whether there is such a mailbox, or can be, is another question.
[[nodiscard]] std::string mailbox_from_wire(const Enabled& enabled, std::string_view name);
// As a string of the grammar, quoted only if that is needed.
[[nodiscard]] std::string mailbox_to_wire(const Enabled& enabled, std::string_view name);

// astring, as a mailbox.
[[nodiscard]] std::string parse_mailbox(Session& session, Parser& parser);

// Throws Refusal for names that no mailbox can have.
void require_mailbox_name(std::string_view name);

}  // namespace mox::imap
