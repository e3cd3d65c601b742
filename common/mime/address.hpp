#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Address lists (RFC 5322 section 3.4, obsolete forms of 4.4, UTF-8 of RFC 6532), in the form that IMAP's ENVELOPE
// needs (RFC 9051 section 7.5.2).
//
// mimetic reads the plain forms, "name <a@b>" and "a@b". Everything else our own reader: mimetic drops the name of
// "a@b (Ann)", cuts encoded words at commas, keeps quotes, and gives an empty group one empty mailbox.

namespace mox::mime {

// Addresses read of one field; the rest is dropped.
inline constexpr std::size_t max_addresses = 10'000;

enum class AddressKind : std::uint8_t {  // stored
    mailbox = 0,
    group_start = 1,  // `name` is the group's name
    group_end = 2,    // all texts are empty
};

// All texts are UTF-8.
struct Address {
    AddressKind kind = AddressKind::mailbox;
    std::string name;        // display name, decoded; a comment where only that has it: "a@b (Ann)"
    std::string localpart;   // without quotes and escapes: may hold any character
    std::string host;        // as written, or a [literal]; empty when the text had no "@"
    std::string route = {};  // obsolete: "@a,@b" of "<@a,@b:c@d>"

    friend bool operator==(const Address&, const Address&) = default;
};

struct AddressList {
    std::vector<Address> addresses;  // each group_start has its group_end; groups do not nest
    bool well_formed = true;         // false: something had to be guessed or dropped
};

// Lenient: the best reading of anything. Time and memory in proportion to the text.
[[nodiscard]] AddressList parse_addresses(std::string_view value);

// "localpart@host" as SMTP and headers write it, quoted only where needed; just the localpart without a host.
[[nodiscard]] std::string to_addr_spec(const Address& address);
// The localpart, in quotes when it is not a dot-atom (RFC 5321 section 4.1.2).
[[nodiscard]] std::string quoted_localpart(std::string_view localpart);

}  // namespace mox::mime
