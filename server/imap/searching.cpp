#include "server/imap/searching.hpp"

#include <algorithm>

#include "server/imap/context_updates.hpp"
#include "server/imap/updates.hpp"

namespace mox::imap {

Searching::Searching(Session& session, const SearchKey& key)
    : plan(key, session.selected(), session.environment().clock.now().seconds),
      run(plan, session.selected()) {
    run.use(session.indexes());
    if (contains(key, SearchKey::Kind::mod_seq)) want_condstore(session);
}

Answering::Answering(Session& session, std::string_view command, const SearchKey& key,
                     std::optional<ReturnOptions> options, std::vector<SortCriterion> criteria)
    : name(command),
      returns(options),
      answer{.tag = session.tag(), .uids = session.by_uid(), .with_modseq = contains(key, SearchKey::Kind::mod_seq)} {
    auto& view = session.selected();
    if (returns && returns->update) {
        if (std::ranges::find(view.contexts, session.tag(), &Context::tag) != view.contexts.end())
            throw bad("the tag is in use by a search that is kept up to date");
        context = Context{.tag = session.tag(),
                          .uids = session.by_uid(),
                          .key = with_fixed_numbers(key, view),
                          .criteria = std::move(criteria)};
    }
    if (returns && returns->save) view.saved.clear();
}

void answer_search(Session& session, const Answering& answering, const std::vector<SearchRun::Match>& matches) {
    auto& view = session.selected();
    const auto& returns = answering.returns;
    if (!returns) {
        write_classic(session.output(), answering.answer, view, matches, answering.name);
    } else {
        write_extended(session.output(), answering.answer, *returns, view, matches);
        if (returns->save) view.saved = saved_result(*returns, view, matches);
        if (answering.context) {
            Context context = *answering.context;
            for (const auto& match : matches) context.result.push_back(number(view.uid(match.position)));
            begin_updates(session, std::move(context));
        }
    }
    session.ok();
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
