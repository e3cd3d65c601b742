#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/imap/search_run.hpp"
#include "server/imap/session.hpp"

namespace mox::imap {

// A search under way, of SEARCH, SORT or THREAD.
struct Searching {
    // Throws Refusal for message numbers that are not there. A MODSEQ key turns CONDSTORE on (RFC 7162 section 3.1).
    Searching(Session& session, const SearchKey& key);
    SearchPlan plan;
    SearchRun run;
};

// Runs it on the account's strand, then `then` with the matches, ascending: it ends the command.
void search(Session& session, const std::shared_ptr<Searching>& searching,
            std::function<void(const std::vector<SearchRun::Match>&)> then);
// The same for who needs the account and more than one step.
using SearchStep = std::function<Progress(store::Account&, const std::vector<SearchRun::Match>&)>;
void search_and_go_on(Session& session, const std::shared_ptr<Searching>& searching, SearchStep then);

}  // namespace mox::imap
