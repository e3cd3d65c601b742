#pragma once

#include "mime/message_view.hpp"
#include "server/imap/fetch_items.hpp"

namespace mox::imap {

// Where a section lies in its message: bytes from begin to end, without end.
struct Place {
    enum class Status {
        found,
        missing,           // the message has no such part
        not_decodable,     // BINARY of a multipart (RFC 9051 section 6.4.5)
        unknown_encoding,  // BINARY
    };
    Status status = Status::found;
    std::uint64_t begin = 0, end = 0;
    // Of the part, for BINARY.
    mime::TransferEncoding encoding = mime::TransferEncoding::binary;
    std::uint64_t decoded_size = 0;
};

// For HEADER.FIELDS the place of the whole header. Part numbers go with what write_body_structure() tells.
[[nodiscard]] Place find_section(const mime::MessageView& message, const Section& section);
// The same for BINARY and BINARY.SIZE.
[[nodiscard]] Place find_binary(const mime::MessageView& message, const Section& section);

}  // namespace mox::imap
