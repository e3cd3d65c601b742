#include "server/imap/commands.hpp"
#include "server/imap/searching.hpp"

namespace mox::imap {

// RFC 9051 section 6.4.4.
void cmd_search(Session& session, Parser& parser) {
    parser.space();
    const SearchRequest request = parse_search(parser);
    // RFC 9051 tells results as RFC 4731 does; a client that has not enabled it may know RFC 3501 only.
    auto returns = request.returns;
    if (!returns && session.enabled().rev2) returns = ReturnOptions{.all = true};
    const auto searching = std::make_shared<Searching>(session, request.key);
    const Answering answering(session, "SEARCH", request.key, returns);
    search(session, searching, [&session, answering](const std::vector<SearchRun::Match>& matches) {
        answer_search(session, answering, matches);
    });
}

}  // namespace mox::imap
