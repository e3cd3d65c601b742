#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/fetch_run.hpp"
#include "server/imap/page.hpp"
#include "server/imap/updates.hpp"
#include "server/imap/vanished.hpp"

namespace mox::imap {

namespace {

// RFC 7162 sections 3.1.4 and 3.2.6, RFC 9394 section 3.3.
struct Modifiers {
    std::optional<std::int64_t> changed_since;
    bool vanished = false;
    std::optional<Page> page;
};

Modifiers parse_modifiers(Parser& parser) {
    Modifiers modifiers;
    if (!parser.take(' ')) return modifiers;
    auto& in = parser.cursor();
    in.expect('(');
    do {
        const std::string name = parser.atom();
        if (equal_ignoring_case(name, "CHANGEDSINCE")) {
            in.expect(' ');
            modifiers.changed_since = static_cast<std::int64_t>(in.expect_number(INT64_MAX));
        } else if (equal_ignoring_case(name, "VANISHED")) {
            modifiers.vanished = true;
        } else if (equal_ignoring_case(name, "PARTIAL")) {
            in.expect(' ');
            modifiers.page = parse_page(in);
        } else {
            in.fail("unknown modifier");
        }
    } while (in.take(' '));
    in.expect(')');
    return modifiers;
}

// One command under way.
struct Fetching {
    Fetching(const Selected& view, IndexRanges positions, std::vector<FetchItem> items,
             const FetchRun::Options& options)
        : run(view, std::move(positions), std::move(items), options) {}
    FetchRun run;
    bool begun = false;
    NumberRanges asked;  // UIDs, of which those that vanished are wanted
};

// Before the first answer.
void begin(Session& session, store::Account& account, Fetching& fetching, const Modifiers& modifiers) {
    if (modifiers.vanished) {
        const auto& view = session.selected();
        const NumberRanges gone =
            vanished_since(account.database(), view.mailbox, modifiers.changed_since.value(), fetching.asked);
        // What the client still believes to be there, it is told of at the end of the command.
        const std::string uids = compact_set(without_known(gone, view));
        if (!uids.empty()) session.untagged("VANISHED (EARLIER) " + uids);
    }
    if (!fetching.run.sets_seen()) return;
    if (const auto modseq = fetching.run.mark_seen(session.account_for_writing()))
        session.committed(*modseq, Session::Own::told);
}

void finish(Session& session, const FetchRun& run) {
    if (!run.failure().empty()) {
        session.log().error("messages could not be read", {{"err", run.failure()}});
        throw no("contents of some messages are damaged", "CORRUPTION");
    }
    if (run.some_unknown_encoding()) throw no("a part has an encoding that is not known", "UNKNOWN-CTE");
    if (run.some_not_decodable()) throw no("only single parts can be decoded, not multiparts");
    // UIDs that are gone are no error (RFC 9051 section 6.4.9).
    if (run.some_gone() && !session.by_uid()) throw no("some messages have been expunged", "EXPUNGEISSUED");
    session.ok();
}

}  // namespace

// RFC 9051 section 6.4.5.
void cmd_fetch(Session& session, Parser& parser) {
    parser.space();
    const SequenceSet set = parse_sequence_set(parser.cursor());
    parser.space();
    std::vector<FetchItem> items = parse_fetch_items(parser);
    const Modifiers modifiers = parse_modifiers(parser);
    parser.end();
    auto& enabled = session.enabled();
    if (modifiers.vanished && (!session.by_uid() || !enabled.qresync || !modifiers.changed_since))
        throw bad("VANISHED is for UID FETCH with CHANGEDSINCE, after ENABLE QRESYNC");
    if (modifiers.page && !session.by_uid()) throw bad("PARTIAL is for UID FETCH");
    if (modifiers.changed_since ||
        std::ranges::any_of(items, [](const auto& item) { return item.kind == FetchItem::Kind::mod_seq; }))
        want_condstore(session);

    // Flags of new messages, told at the end, would look like an answer of a command that asks for 7:*.
    Selected& view = session.selected();
    view.silent_from = view.largest_known + 1;
    IndexRanges positions = view.positions(set, session.by_uid());
    // First the page, then what has changed of it (RFC 9394 section 3.4).
    if (modifiers.page) positions = part_of(positions, modifiers.page->of(count_of(positions)));
    const auto fetching =
        std::make_shared<Fetching>(view, std::move(positions), std::move(items),
                                   FetchRun::Options{.texts = enabled.utf8_strings() ? Texts::utf8 : Texts::ascii,
                                                     .with_modseq = enabled.condstore,
                                                     .changed_since = modifiers.changed_since});
    if (modifiers.vanished) fetching->asked = resolved(set, view.largest_known);
    session.on_account([&session, fetching, modifiers](store::Account& account) {
        if (!std::exchange(fetching->begun, true)) begin(session, account, *fetching, modifiers);
        // Before flags that have them.
        if (!fetching->run.is_within_contents()) tell_new_keywords(session, account.database());
        try {
            if (fetching->run.step(account, session.output(), enough_output)) return Progress::more;
        } catch (const Error& error) {
            if (!fetching->run.is_within_contents()) throw;
            // The rest of a literal is missing: nothing that follows could be understood.
            session.log().error("a message could not be read to its end", {{"err", error.what()}});
            session.close();
            return Progress::done;
        }
        finish(session, fetching->run);
        return Progress::done;
    });
}

}  // namespace mox::imap
