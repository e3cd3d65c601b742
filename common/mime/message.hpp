#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "mime/address.hpp"
#include "mime/decode.hpp"
#include "mime/parameters.hpp"
#include "mime/threading.hpp"

// What a message is made of: everything IMAP's ENVELOPE and BODYSTRUCTURE need (RFC 9051 section 7.5.2), and nothing
// that grows with the size of its parts. All texts are UTF-8 without NUL, CR and LF.

namespace mox::mime {

// Fields of a message's header. Texts are unfolded; absent fields are empty. IMAP's rule that an absent Sender or
// Reply-To means From is left to whoever writes the reply. A field given twice: lists are joined, of others the first.
struct Envelope {
    std::string date;     // as written
    std::string subject;  // encoded words decoded
    std::vector<Address> from, sender, reply_to, to, cc, bcc;
    std::string in_reply_to;  // as written
    std::string message_id;   // as written, with its angle brackets

    friend bool operator==(const Envelope&, const Envelope&) = default;
};

// One entity (RFC 2046). Offsets count bytes from the start of the message:
//   header_offset ≤ body_offset ≤ end_offset, children in order inside [body_offset, end_offset].
struct Part {
    std::uint64_t header_offset = 0;  // first byte of the header
    std::uint64_t body_offset = 0;    // first byte after the empty line; end_offset when there is no such line
    std::uint64_t end_offset = 0;  // after the last byte of the body: the line end before a boundary is not part of it
    std::uint64_t lines = 0;       // of the raw body; a last line without line end counts
    std::uint64_t decoded_size = 0;  // of the body in bytes, transfer encoding removed

    std::string type = "text";          // lower case
    std::string subtype = "plain";      // lower case
    std::vector<Parameter> parameters;  // of Content-Type
    TransferEncoding encoding = TransferEncoding::seven_bit;
    std::string encoding_name;  // lower case; only when encoding is unknown
    std::string content_id;     // as written
    std::string description;    // decoded
    std::string md5;            // as written
    std::string location;       // as written, blanks removed
    std::string disposition;    // lower case; empty without the field
    std::vector<Parameter> disposition_parameters;
    std::vector<std::string> languages;

    // Of the message that this entity is: the root, and the child of a message/rfc822. Null for all others.
    std::shared_ptr<const Envelope> envelope;

    // multipart/*: its parts; none when there was no boundary, or when the part was kept opaque. message/rfc822 and
    // message/global: the one message inside; none when kept opaque (limits, or an encoding that hides it).
    std::vector<Part> children;

    [[nodiscard]] bool is_multipart() const { return type == "multipart"; }
    [[nodiscard]] std::uint64_t body_size() const { return end_offset - body_offset; }
    friend bool operator==(const Part& a, const Part& b);
};

// What was wrong with a message. Numbers are stored: never reuse one.
enum class DefectKind : std::uint8_t {
    garbage_header_line = 1,  // neither field nor continuation
    header_too_large = 2,     // beyond max_header_bytes
    too_many_fields = 3,      // beyond max_header_fields
    header_without_end = 4,   // boundary or end of the message instead of the empty line
    bad_date = 5,
    bad_address = 6,
    bad_content_type = 7,  // read as well as possible; text/plain when there was nothing to read
    bad_parameter = 8,
    unknown_encoding = 9,
    hidden_parts = 10,      // multipart or message in base64 or quoted-printable; the latter stays opaque
    missing_boundary = 11,  // multipart without (usable) boundary parameter
    no_parts = 12,          // multipart whose boundary never came
    missing_close_boundary = 13,
    too_deep = 14,             // beyond max_depth: kept opaque
    too_many_parts = 15,       // beyond max_parts: kept opaque
    structure_too_large = 16,  // beyond max_structure_bytes: texts left out
    bad_base64 = 17,           // characters outside the alphabet
    bad_message_id = 18,
    too_many_defects = 19,  // the last of max_defects: more were not recorded
};
[[nodiscard]] std::string_view to_string(DefectKind kind);

struct Defect {
    DefectKind kind{};
    std::uint64_t offset = 0;  // of the field, the part or the line

    friend bool operator==(const Defect&, const Defect&) = default;
};

struct Message {
    std::uint64_t size_bytes = 0;
    Part root;                      // envelope is never null after scanning
    std::optional<Timestamp> date;  // of the Date field, nullopt when absent or unreadable
    std::vector<Defect> defects;    // in the order of their discovery, at most max_defects
    Threading threading;            // not part of the encoding: rows have columns for it

    // Everything but `threading`, dates with their offset.
    friend bool operator==(const Message& a, const Message& b);
};

// The stored form: first byte version, then varints and texts; defaults cost nothing. Never contains a size larger than
// the encoding itself.
[[nodiscard]] std::string encode(const Message& message);
// nullopt for anything that encode() did not write, later versions included. Memory in proportion to `bytes`.
[[nodiscard]] std::optional<Message> decode(std::string_view bytes);

// What is wrong with the offsets of a message of `size` bytes (promise P16); empty when nothing is.
[[nodiscard]] std::string check_offsets(const Message& message, std::uint64_t size);

}  // namespace mox::mime
