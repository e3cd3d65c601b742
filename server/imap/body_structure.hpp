#pragma once

#include "server/imap/writer.hpp"

namespace mox::imap {

enum class Extension {
    without,  // BODY
    with,     // BODYSTRUCTURE: MD5, disposition, languages, location
};

// A message's structure (RFC 9051 section 7.5.2). What cannot be taken apart is told as something simpler:
//   multipart without parts: one text/plain part with all of its body
//   message/rfc822 whose message was not read: application/octet-stream
//   message/global for a client that takes ASCII only: without envelope and body, as RFC 3501 has it for other types
void write_body_structure(Writer& to, const mime::MessageView& message, Extension extension);

}  // namespace mox::imap
