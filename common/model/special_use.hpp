#pragma once

#include <cstdint>
#include <string_view>

namespace mox::model {

// Special uses of mailboxes (RFC 6154), a set of bits. The values are on disk.
enum class SpecialUse : std::uint32_t { none = 0, archive = 1, drafts = 2, junk = 4, sent = 8, trash = 16 };
[[nodiscard]] constexpr bool has(SpecialUse set, SpecialUse use) {
    return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(use)) != 0;
}
[[nodiscard]] constexpr SpecialUse operator|(SpecialUse a, SpecialUse b) {
    return static_cast<SpecialUse>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}

// What other software calls a mailbox for a special use: an attribute of RFC 6154 ("\Sent", any case), or one of the
// usual names in the larger languages ("Sent Items", "Gesendet", "Corbeille"), in any case. None for any other name.
// `name` is one part of a mailbox name, UTF-8 in NFC.
[[nodiscard]] SpecialUse special_use_by_name(std::string_view name);

}  // namespace mox::model
