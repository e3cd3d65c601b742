#include "server/imap/searching.hpp"

#include "server/imap/updates.hpp"

namespace mox::imap {

Searching::Searching(Session& session, const SearchKey& key)
    : plan(key, session.selected(), session.environment().clock.now().seconds),
      run(plan, session.selected()) {
    if (contains(key, SearchKey::Kind::mod_seq)) want_condstore(session);
}

void search(Session& session, const std::shared_ptr<Searching>& searching,
            std::function<void(const std::vector<SearchRun::Match>&)> then) {
    search_and_go_on(session, searching,
                     [then = std::move(then)](store::Account&, const std::vector<SearchRun::Match>& matches) {
                         then(matches);
                         return Progress::done;
                     });
}

void search_and_go_on(Session& session, const std::shared_ptr<Searching>& searching, SearchStep then) {
    session.on_account(
        [&session, searching, then = std::move(then), done = std::make_shared<bool>(false)](store::Account& account) {
            if (!*done && searching->run.step(account)) return Progress::more;
            if (!std::exchange(*done, true) && !searching->run.failure().empty())
                session.log().error("messages could not be searched", {{"err", searching->run.failure()}});
            return then(account, searching->run.matches());
        });
}

}  // namespace mox::imap
