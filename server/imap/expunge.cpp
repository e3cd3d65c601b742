#include "server/imap/expunge.hpp"

#include "store/changes.hpp"

namespace mox::imap {

void expunge_deleted(Session& session, const store::UidRanges& uids) {
    store::Transaction tx(session.account_for_writing());
    if (store::expunge(tx, session.selected().mailbox, uids, store::Expunge::only_deleted).empty()) return;
    const store::ModSeq modseq = tx.modseq();
    tx.commit();
    session.committed(modseq, Session::Own::tell);
}

}  // namespace mox::imap
