// Address: every text is UTF-8, groups are balanced, and a plain address survives being written and read again;
// what mimetic reads is what our own reader gives.

#include <cstdint>
#include <string_view>

#include "base/encoding.hpp"
#include "mime/lenient.hpp"
#include "require.hpp"

using mox::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mox;
    const auto list = mime::parse_addresses({reinterpret_cast<const char*>(data), size});
    const auto lenient = mime::parse_addresses_leniently({reinterpret_cast<const char*>(data), size});
    require(list.addresses == lenient.addresses && list.well_formed == lenient.well_formed);
    bool in_group = false;
    require(list.addresses.size() <= mime::max_addresses + 2);
    for (const auto& address : list.addresses) {
        require(is_utf8(address.name) && is_utf8(address.localpart) && is_utf8(address.host));
        if (address.kind == mime::AddressKind::group_start) require(!in_group);
        if (address.kind == mime::AddressKind::group_end) require(in_group);
        if (address.kind == mime::AddressKind::group_start) in_group = true;
        if (address.kind == mime::AddressKind::group_end) in_group = false;
        if (!list.well_formed || address.kind != mime::AddressKind::mailbox) continue;
        const auto again = mime::parse_addresses(mime::to_addr_spec(address));
        require(again.addresses.size() == 1 && again.addresses[0].localpart == address.localpart &&
                again.addresses[0].host == address.host);
    }
    require(!in_group);
    return 0;
}
