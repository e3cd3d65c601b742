// IMAP URLs: what is taken for one names a message, a section that FETCH can be asked for, and bytes that exist.

#include <cstdint>
#include <cstdlib>

#include "server/imap/message_url.hpp"

namespace {

using namespace mox;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto url = imap::parse_message_url({reinterpret_cast<const char*>(data), size});
    if (!url) return 0;
    require(url->uid != 0 && url->uidvalidity != 0);
    require(!url->mailbox || !url->mailbox->empty());
    require(!url->partial || url->partial->offset + url->partial->size >= url->partial->offset);
    const std::string item =
        imap::to_string(imap::FetchItem{.kind = imap::FetchItem::Kind::body, .peek = true, .section = url->section});
    imap::Parser parser(item);
    require(imap::parse_fetch_items(parser).front().section == url->section && parser.at_end());
    return 0;
}
