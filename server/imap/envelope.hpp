#pragma once

#include "server/imap/writer.hpp"

namespace mox::imap {

// The ENVELOPE of a message (RFC 9051 section 7.5.2): "(date subject from …)". An absent Sender or Reply-To is From.
void write_envelope(Writer& to, const mime::EnvelopeView& envelope);

}  // namespace mox::imap
