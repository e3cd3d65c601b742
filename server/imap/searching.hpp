#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/imap/search_answer.hpp"
#include "server/imap/session.hpp"

namespace mox::imap {

// A search under way, of SEARCH, SORT or THREAD.
struct Searching {
    // Throws Refusal for message numbers that are not there. A MODSEQ key turns CONDSTORE on (RFC 7162 section 3.1).
    Searching(Session& session, const SearchKey& key);
    SearchPlan plan;
    SearchRun run;
};

// What SEARCH and SORT answer.
struct Answering {
    // With SAVE, what was saved before is gone, whatever becomes of this search (RFC 9051 section 6.4.4.1).
    // Throws Refusal when UPDATE is wanted with a tag that such a search has already (RFC 5267 section 4.3).
    Answering(Session& session, std::string_view name, const SearchKey& key, std::optional<ReturnOptions> returns,
              std::vector<SortCriterion> criteria = {});
    std::string_view name;                 // of an answer without `returns`
    std::optional<ReturnOptions> returns;  // nullopt: an answer as RFC 3501 and RFC 5256 have it
    SearchAnswer answer;
    std::optional<Context> context;  // with UPDATE
};
// Ends the command; within a step. `matches` in the order that was asked for.
void answer_search(Session& session, const Answering& answering, const std::vector<SearchRun::Match>& matches);

// Runs it on the account's strand, then `then` with the matches, ascending: it ends the command.
void search(Session& session, const std::shared_ptr<Searching>& searching,
            std::function<void(const std::vector<SearchRun::Match>&)> then);
// The same for who needs the account and more than one step.
using SearchStep = std::function<Progress(store::Account&, const std::vector<SearchRun::Match>&)>;
void search_and_go_on(Session& session, const std::shared_ptr<Searching>& searching, SearchStep then);

}  // namespace mox::imap
