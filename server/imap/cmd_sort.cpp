#include "server/imap/commands.hpp"
#include "server/imap/searching.hpp"
#include "server/imap/sort_run.hpp"

namespace mox::imap {

// RFC 5256 section 3, RFC 5267 section 3.
void cmd_sort(Session& session, Parser& parser) {
    parser.space();
    SortRequest request = parse_sort(parser);
    const auto searching = std::make_shared<Searching>(session, request.key);
    const Answering answering(session, "SORT", request.key, request.returns, request.criteria);
    const auto sorting =
        std::make_shared<SortRun>(std::move(request.criteria), session.selected(), searching->run.matches());
    search_and_go_on(session, searching,
                     [&session, answering, sorting](store::Account& account, const auto& /*matches*/) {
                         if (sorting->step(account)) return Progress::more;
                         answer_search(session, answering, sorting->sorted());
                         return Progress::done;
                     });
}

}  // namespace mox::imap
