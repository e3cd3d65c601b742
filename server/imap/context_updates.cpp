#include "server/imap/context_updates.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"
#include "server/imap/search_run.hpp"
#include "server/imap/sort_values.hpp"
#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

using Uids = std::vector<std::uint32_t>;

// Messages that are looked at in one step, and the size of their files, if these have to be read.
constexpr std::size_t most_messages = 1000;
constexpr std::size_t most_files = 256;
constexpr std::uint64_t most_file_bytes = 16U << 20U;

void tell_no_updates(Session& session, const std::string& tag, std::string_view reason) {
    std::string text = "NO [NOUPDATE ";
    Writer to(text, Texts::ascii);
    to.string(tag);
    to.raw("] ");
    to.raw(reason);
    session.untagged(text);
}

bool are_too_many(const std::vector<Context>& contexts) {
    std::size_t count = 0;
    for (const auto& context : contexts) count += context.result.size();
    return count > max_context_results;
}

// Messages whose changes the client was told of.
struct Changed {
    Uids uids;  // ascending
    IndexRanges positions;
    Selected::Position reached;
    bool all = true;
};

Changed next_changed(db::Database& database, const Selected& view, bool with_files) {
    const std::int64_t last = view.told_changes.complete();
    Changed changed{.reached = {.modseq = last}};
    std::uint64_t bytes = 0;
    for (const auto& [modseq, uid, size] : database.rows<std::int64_t, std::uint32_t, std::uint64_t>(
             "SELECT p.modseq, p.uid, CASE WHEN ?1 THEN (SELECT size FROM message WHERE id = p.message_id) ELSE 0 END"
             " FROM placement p WHERE p.mailbox_id = ?2 AND (p.modseq, p.uid) > (?3, ?4) AND p.modseq <= ?5"
             " ORDER BY p.modseq, p.uid",
             with_files, view.mailbox, view.told_results.modseq, view.told_results.uid, last)) {
        if (changed.uids.size() == (with_files ? most_files : most_messages) || bytes >= most_file_bytes) {
            changed.all = false;
            break;
        }
        changed.uids.push_back(uid);
        bytes += size;
        changed.reached = {modseq, uid};
    }
    if (changed.all) changed.reached = {.modseq = last};
    std::ranges::sort(changed.uids);
    for (const auto uid : changed.uids)
        if (const auto at = view.find(store::Uid{uid})) add(changed.positions, {*at, *at + 1});
    return changed;
}

Uids matches_among(Session& session, store::Account& account, const SearchPlan& plan, const Changed& changed) {
    const Selected& view = session.selected();
    SearchRun run(plan, view, changed.positions);
    while (run.step(account)) {
    }
    if (!run.failure().empty()) session.log().error("messages could not be searched", {{"err", run.failure()}});
    Uids uids;
    for (const auto& match : run.matches()) uids.push_back(number(view.uid(match.position)));
    return uids;
}

std::vector<ContextRun> put_in_order(Context& context, Uids& added, const Selected& view, store::Account& account) {
    std::vector<std::size_t> places;
    if (context.is_sorted()) {
        SortPlaces order(context.criteria, view, account);
        order.sort(added);
        for (const auto uid : added) places.push_back(order.place_in(context.result, uid));
    } else {
        for (const auto uid : added)
            places.push_back(
                static_cast<std::size_t>(std::ranges::lower_bound(context.result, uid) - context.result.begin()));
    }
    return put_in(context, added, places);
}

void update(Session& session, store::Account& account, Context& context, const SearchPlan& plan,
            const Changed& changed) {
    const Selected& view = session.selected();
    const Uids before = members(context, changed.uids), now = matches_among(session, account, plan, changed);
    Uids removed, added;
    std::ranges::set_difference(before, now, std::back_inserter(removed));
    std::ranges::set_difference(now, before, std::back_inserter(added));
    write_change(session.output(), context, ContextChange::remove_from, take_out(context, removed), view);
    write_change(session.output(), context, ContextChange::add_to, put_in_order(context, added, view, account), view);
}

}  // namespace

void begin_updates(Session& session, Context context) {
    Selected& view = session.selected();
    auto reason = reason_against_updates(context.key);
    if (view.contexts.size() == max_contexts) reason = "there are too many such searches";
    if (!reason) {
        if (view.contexts.empty()) view.told_results = view.told_changes;
        view.told_results = std::min(view.told_results, view.told_changes);
        view.contexts.push_back(std::move(context));
        if (!are_too_many(view.contexts)) return;
        context = std::move(view.contexts.back());
        view.contexts.pop_back();
        reason = "there are too many results";
    }
    tell_no_updates(session, context.tag, *reason);
}

void tell_expunged_results(Session& session, const Uids& uids) {
    Selected& view = session.selected();
    for (auto& context : view.contexts)
        write_change(session.output(), context, ContextChange::remove_from, take_out(context, uids), view);
}

Progress tell_changed_results(Session& session, store::Account& account) {
    if (session.state() != State::selected) return Progress::done;
    Selected& view = session.selected();
    if (view.contexts.empty() || view.told_results.complete() >= view.told_changes.complete()) return Progress::done;
    const db::ReadTransaction unchanged(account.database());
    const auto now = session.environment().clock.now().seconds;
    std::vector<SearchPlan> plans;
    for (const auto& context : view.contexts) plans.emplace_back(context.key, view, now);
    const Changed changed =
        next_changed(account.database(), view,
                     std::ranges::any_of(plans, [](const SearchPlan& plan) { return plan.level() == Level::file; }));
    for (std::size_t i = 0; i < plans.size(); ++i) update(session, account, view.contexts[i], plans[i], changed);
    view.told_results = changed.reached;
    while (are_too_many(view.contexts)) {
        tell_no_updates(session, view.contexts.back().tag, "there are too many results");
        view.contexts.pop_back();
    }
    return changed.all ? Progress::done : Progress::more;
}

}  // namespace mox::imap
