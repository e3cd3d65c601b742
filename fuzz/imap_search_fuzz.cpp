// Searches: what can be read is the same when it is written and read again.

#include <cstdint>

#include "require.hpp"
#include "server/imap/refusal.hpp"
#include "server/imap/search_request.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        imap::Parser parser(text);
        const auto request = imap::parse_search(parser);
        const std::string written = imap::to_string(request);
        imap::Parser again(written);
        require(imap::parse_search(again) == request);
    } catch (const SyntaxError& error) {
        require(error.offset() <= size);
    } catch (const imap::Refusal&) {  // a charset
    }
    return 0;
}
