#pragma once

#include "server/imap/session.hpp"

// What others did to the selected mailbox, told to the client.

namespace mox::imap {

// Expunges, new messages, flags and keywords, as far as `which` allows; `more` when there is more to tell than output
// should hold. Changes of modseq `known` are not told, but for expunges and new messages. On the account's strand,
// inside a transaction of the caller's or not.
[[nodiscard]] Progress tell_updates(Session& session, store::Account& account, Updates which,
                                    std::optional<store::ModSeq> known);

// "* FLAGS (…)" when the mailbox has keywords that the client does not know of.
void tell_new_keywords(Session& session, db::Database& database);

// "* FLAGS (…)" with the keywords of the view.
void tell_flags(Session& session);

// True when others expunged messages of which the client was not told.
[[nodiscard]] bool has_untold_expunges(const Selected& view, db::Database& database);

// The modseq of the newest change in a mailbox (RFC 7162 section 3.1.1).
[[nodiscard]] std::int64_t highest_modseq(db::Database& database, store::MailboxId mailbox);

// "* 3 FETCH (UID 7 FLAGS (…) MODSEQ (5))", MODSEQ when the client has asked for such.
void tell_flags_of(Session& session, std::size_t position, store::Uid uid, model::Flags flags,
                   std::string_view keywords, store::ModSeq modseq);

// The client wants mod-sequences from now on (RFC 7162 section 3.1): it is told HIGHESTMODSEQ of the selected mailbox
// at the end of the command.
void want_condstore(Session& session);

// Messages of which nobody was told before, from `uid` on, are \Recent to this session.
void take_recent(Session& session, db::Database& database, std::uint32_t uid);

// "* 2 RECENT", to clients of rev1.
void tell_recent(Session& session);

}  // namespace mox::imap
