#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "config/domains_config.hpp"

// Who has which address.

namespace mox::config {

// An address in the form of the configuration: the localpart composed (NFC), the domain in lower-case Unicode. Kept as
// it is when it has no "@".
[[nodiscard]] std::string normalised_address(std::string_view address);

struct Recipient {
    std::string account;
    std::string destination;  // key of the account's Destinations
    std::string address;      // canonical: without what follows a catchall separator, in lower case unless case counts
    bool is_catchall = false;
};

// Built once for a configuration, which it does not refer to afterwards.
class AddressBook {
public:
    explicit AddressBook(const Domains& domains);
    // nullopt when no account has the address, not even by a catchall.
    [[nodiscard]] std::optional<Recipient> find(std::string_view address) const;
    // As in Recipient, also for an address that nobody has.
    [[nodiscard]] std::string canonical(std::string_view address) const;

private:
    struct Entry {
        std::string account, destination;
    };
    Domains settings_;  // of the domains only what canonical_address() reads
    std::map<std::string, Entry, std::less<>> by_address_;
};

}  // namespace mox::config
