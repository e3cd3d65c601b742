#include "server/imap/commands.hpp"
#include "server/imap/search_answer.hpp"
#include "server/imap/searching.hpp"
#include "server/imap/sort_run.hpp"

namespace mox::imap {

// RFC 5256 section 3.
void cmd_sort(Session& session, Parser& parser) {
    parser.space();
    SortRequest request = parse_sort(parser);
    const SearchAnswer answer{
        .tag = session.tag(), .uids = session.by_uid(), .with_modseq = contains(request.key, SearchKey::Kind::mod_seq)};
    const auto& view = session.selected();
    const auto searching = std::make_shared<Searching>(session, request.key);
    const auto sorting = std::make_shared<SortRun>(std::move(request.criteria), view, searching->run.matches());
    search_and_go_on(session, searching,
                     [&session, &view, answer, sorting](store::Account& account, const auto& /*matches*/) {
                         if (sorting->step(account)) return Progress::more;
                         write_classic(session.output(), answer, view, sorting->sorted(), "SORT");
                         session.ok();
                         return Progress::done;
                     });
}

}  // namespace mox::imap
