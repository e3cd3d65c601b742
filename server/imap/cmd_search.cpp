#include "server/imap/commands.hpp"
#include "server/imap/search_answer.hpp"
#include "server/imap/searching.hpp"

namespace mox::imap {

// RFC 9051 section 6.4.4.
void cmd_search(Session& session, Parser& parser) {
    parser.space();
    const SearchRequest request = parse_search(parser);
    // RFC 9051 tells results as RFC 4731 does; a client that has not enabled it may know RFC 3501 only.
    std::optional<ReturnOptions> returns = request.returns;
    if (!returns && session.enabled().rev2) returns = ReturnOptions{.all = true};
    const SearchAnswer answer{
        .tag = session.tag(), .uids = session.by_uid(), .with_modseq = contains(request.key, SearchKey::Kind::mod_seq)};
    auto& view = session.selected();
    // Whatever becomes of this search, the last result is gone (RFC 9051 section 6.4.4.1).
    const auto searching = std::make_shared<Searching>(session, request.key);
    if (returns && returns->save) view.saved.clear();
    search(session, searching, [&session, &view, answer, returns](const std::vector<SearchRun::Match>& matches) {
        if (!returns) {
            write_classic(session.output(), answer, view, matches, "SEARCH");
        } else {
            write_extended(session.output(), answer, *returns, view, matches);
            if (returns->save) view.saved = saved_result(*returns, view, matches);
        }
        session.ok();
    });
}

}  // namespace mox::imap
