// FETCH items: what can be read is the same when it is written and read again, and the answer's name of an item is a
// text of one line that names the same section.

#include <cstdint>

#include "require.hpp"
#include "server/imap/fetch_items.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        imap::Parser parser(text);
        const auto items = imap::parse_fetch_items(parser);
        require(!items.empty() && items.size() <= imap::max_fetch_items);
        const std::string written = imap::to_string(items);
        imap::Parser again(written);
        require(imap::parse_fetch_items(again) == items && again.at_end());
        for (const auto& item : items) {
            const std::string name = imap::answer_name(item);
            if (item.partial || name.find("PEEK") != std::string::npos) continue;
            imap::Parser named(name);
            const auto same = imap::parse_fetch_items(named).front();
            require(same.kind == item.kind && same.section.part == item.section.part &&
                    same.section.what == item.section.what && same.section.fields.size() == item.section.fields.size());
        }
    } catch (const SyntaxError& error) {
        require(error.offset() <= size);
    }
    return 0;
}
