#include <algorithm>

#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 5267 section 4.3.5. The server may have ended updates itself, so a tag that is not known is no error of grammar.
void cmd_cancelupdate(Session& session, Parser& parser) {
    std::vector<std::string> tags;
    do {
        parser.space();
        tags.push_back(parser.string());
    } while (!parser.at_end());
    auto& contexts = session.selected().contexts;
    bool all_known = true;
    for (const auto& tag : tags)
        all_known =
            std::erase_if(contexts, [&](const Context& context) { return context.tag == tag; }) > 0 && all_known;
    if (!all_known) throw no("not all of these searches are kept up to date");
    session.ok();
}

}  // namespace mox::imap
