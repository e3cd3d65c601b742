#include "server/imap/vanished.hpp"

#include <algorithm>

namespace mox::imap {

namespace {

// What `ranges` have between first and last, both included.
void add_clipped(NumberRanges& to, const NumberRanges& ranges, std::uint32_t first, std::uint32_t last) {
    auto at = std::ranges::lower_bound(ranges, first, {}, &NumberRange::last);
    for (; at != ranges.end() && at->first <= last; ++at)
        to.push_back({std::max(at->first, first), std::min(at->last, last)});
}

}  // namespace

NumberRanges vanished_since(db::Database& database, store::MailboxId mailbox, std::int64_t since,
                            const NumberRanges& asked) {
    NumberRanges gone;
    const auto pruned = database.value<std::int64_t>("SELECT highest_deleted_modseq FROM account").value_or(0);
    if (since >= pruned) {
        for (const auto& [uid] : database.rows<std::uint32_t>(
                 "SELECT uid FROM tombstone WHERE mailbox_id = ? AND modseq > ?", mailbox, since))
            add_clipped(gone, asked, uid, uid);
    } else {
        const auto uidnext =
            database.value<std::int64_t>("SELECT uidnext FROM mailbox WHERE id = ?", mailbox).value_or(1);
        std::uint32_t next = 1;
        for (const auto& [uid] :
             database.rows<std::uint32_t>("SELECT uid FROM placement WHERE mailbox_id = ? ORDER BY uid", mailbox)) {
            if (uid > next) add_clipped(gone, asked, next, uid - 1);
            next = uid + 1;
        }
        if (next < uidnext) add_clipped(gone, asked, next, static_cast<std::uint32_t>(uidnext - 1));
    }
    normalise(gone);
    return gone;
}

NumberRanges without_known(const NumberRanges& uids, const Selected& view) {
    NumberRanges out;
    for (const auto& range : uids) {
        std::uint32_t next = range.first;
        for (auto at = view.lower_bound(range.first); at < view.size() && number(view.uid(at)) <= range.last; ++at) {
            const auto known = number(view.uid(at));
            if (known > next) out.push_back({next, known - 1});
            next = known + 1;
        }
        if (next <= range.last) out.push_back({next, range.last});
    }
    return out;
}

}  // namespace mox::imap
