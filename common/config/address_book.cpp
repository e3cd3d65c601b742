#include "config/address_book.hpp"

#include "config/validation.hpp"
#include "mime/charset.hpp"
#include "mime/domain.hpp"

namespace mox::config {

std::string normalised_address(std::string_view address) {
    std::string_view localpart, domain;
    if (!split_address(address, localpart, domain)) return std::string(address);
    return mime::nfc(localpart) + "@" + mime::unicode_domain(domain);
}

AddressBook::AddressBook(const Domains& domains) {
    for (const auto& [name, domain] : domains.domains) {
        Domain& kept = settings_.domains[name];
        kept.localpart_catchall_separator = domain.localpart_catchall_separator;
        kept.localpart_catchall_separators = domain.localpart_catchall_separators;
        kept.localpart_case_sensitive = domain.localpart_case_sensitive;
    }
    for (const auto& [name, account] : domains.accounts)
        for (const auto& [destination, settings] : account.destinations)
            by_address_.try_emplace(canonical(full_address(account, destination)), Entry{name, destination});
}

std::string AddressBook::canonical(std::string_view address) const {
    return canonical_address(settings_, normalised_address(address));
}

std::optional<Recipient> AddressBook::find(std::string_view address) const {
    const std::string wanted = canonical(address);
    if (const auto found = by_address_.find(wanted); found != by_address_.end())
        return Recipient{found->second.account, found->second.destination, wanted, wanted.starts_with('@')};
    const auto at = wanted.rfind('@');
    if (at == std::string::npos || at == 0) return std::nullopt;
    const auto catchall = by_address_.find(std::string_view(wanted).substr(at));
    if (catchall == by_address_.end()) return std::nullopt;
    return Recipient{catchall->second.account, catchall->second.destination, wanted, true};
}

}  // namespace mox::config
