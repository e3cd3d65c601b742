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
void append_flags_fetch(std::string& out, const Enabled& enabled, std::size_t position, store::Uid uid,
                        model::Flags flags, std::string_view keywords, store::ModSeq modseq);

}  // namespace mox::imap
