#include "server/imap/commands.hpp"
#include "server/imap/searching.hpp"

namespace mox::imap {

namespace {

// Nothing is told, or kept, of results beyond a page.
bool is_page_enough(const ReturnOptions& returns) {
    return returns.page && !returns.count && !returns.update && !(returns.page->from_end ? returns.min : returns.max);
}

}  // namespace

// RFC 9051 section 6.4.4.
void cmd_search(Session& session, Parser& parser) {
    parser.space();
    const SearchRequest request = parse_search(parser);
    // RFC 9051 tells results as RFC 4731 does; a client that has not enabled it may know RFC 3501 only.
    auto returns = request.returns;
    if (!returns && session.enabled().rev2) returns = ReturnOptions{.all = true};
    const auto searching = std::make_shared<Searching>(session, request.key);
    if (returns && is_page_enough(*returns)) searching->run.stop_after(*returns->page);
    const Answering answering(session, "SEARCH", request.key, returns);
    search(session, searching, [&session, answering](const std::vector<SearchRun::Match>& matches) {
        answer_search(session, answering, matches);
    });
}

}  // namespace mox::imap
