#pragma once

#include <cstdint>

// Inside the layer: numbers of the stored form of a Message, which are on disk: a change needs a new version.
//
//   message:  version=1  mask  size  [date: zigzag seconds, zigzag offset]  part  [count, (kind, offset)...]
//   part:     mask, then for each bit set, in order of the bits, its value
//   number:   LEB128, shortest form      text, list: number of bytes or items, then they themselves
// Offsets are differences: a header from the end of the part before it, or from its parent's body; a body from its
// header; an end from its body.

namespace mox::mime::format {

inline constexpr unsigned char version = 1;

enum MessageBits : std::uint64_t { message_date = 1, message_defects = 2, message_all = 3 };

enum PartBits : std::uint64_t {
    part_header = 1U << 0U,
    part_body = 1U << 1U,
    part_end = 1U << 2U,
    part_lines = 1U << 3U,
    part_encoding = 1U << 4U,
    part_type = 1U << 5U,
    part_parameters = 1U << 6U,
    part_decoded_size = 1U << 7U,
    part_children = 1U << 8U,
    part_envelope = 1U << 9U,
    part_disposition = 1U << 10U,
    part_disposition_parameters = 1U << 11U,
    part_content_id = 1U << 12U,
    part_description = 1U << 13U,
    part_languages = 1U << 14U,
    part_location = 1U << 15U,
    part_md5 = 1U << 16U,
    part_encoding_name = 1U << 17U,
    part_all = (1U << 18U) - 1,
};

enum EnvelopeBits : std::uint64_t {
    envelope_date = 1U << 0U,
    envelope_subject = 1U << 1U,
    envelope_from = 1U << 2U,
    envelope_sender = 1U << 3U,
    envelope_reply_to = 1U << 4U,
    envelope_to = 1U << 5U,
    envelope_message_id = 1U << 6U,
    envelope_cc = 1U << 7U,
    envelope_bcc = 1U << 8U,
    envelope_in_reply_to = 1U << 9U,
    envelope_all = (1U << 10U) - 1,
};

inline constexpr unsigned address_has_name = 4;    // above the two bits of AddressKind
inline constexpr unsigned address_with_route = 3;  // instead of AddressKind::mailbox; the route follows the name

[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) {
    return static_cast<std::uint64_t>(value) << 1U ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1U ^ (0 - (value & 1U)));
}

}  // namespace mox::mime::format
