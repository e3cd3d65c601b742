#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "datadir/layout.hpp"
#include "datadir/lock.hpp"
#include "db/database.hpp"
#include "model/automatic_junk_flags.hpp"
#include "store/types.hpp"

namespace mox::store {

struct AccountOptions {
    db::Access access = db::Access::read_write;
    std::chrono::milliseconds lock_timeout{10'000};
    int cache_kib = 8192;
    const Clock* clock = nullptr;               // the system's when null; must outlive the account
    model::AutomaticJunkFlags junk_flags = {};  // as set_junk_flags()
};

// Mailboxes of a new account besides Inbox, in the order of their ids; all are subscribed.
struct InitialMailbox {
    std::string name;
    SpecialUse special_use = SpecialUse::none;
};
[[nodiscard]] std::vector<InitialMailbox> default_initial_mailboxes();  // Archive, Drafts, Junk, Sent, Trash

// One account of a data directory: its database and its message files. One connection, so one thread at a time; several
// accounts, or several processes on one account, work side by side. Opening for writing removes what a process that was
// killed left behind (recover_reservations).
class Account {
public:
    // Errc::not_found when there is no such account; otherwise as db::open.
    [[nodiscard]] static Account open(const datadir::Layout& layout, std::string_view name,
                                      const AccountOptions& options = {});
    // A new account with its mailboxes, complete or not at all. Errc::failed when it exists or the name is not allowed.
    [[nodiscard]] static Account create(const datadir::Layout& layout, std::string_view name,
                                        const std::vector<InitialMailbox>& mailboxes = default_initial_mailboxes(),
                                        const AccountOptions& options = {});

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const datadir::Layout& layout() const { return layout_; }
    [[nodiscard]] db::Database& database() { return database_; }
    [[nodiscard]] const Ownership& ownership() const { return ownership_; }
    [[nodiscard]] Timestamp now() const;
    // Rules for the junk flags of whatever is delivered, appended, copied or moved into a mailbox from now on. Not
    // stored: they are configuration, and whoever opens the account brings them. The default says nothing, so that only
    // a mailbox with special use Junk marks.
    [[nodiscard]] const model::AutomaticJunkFlags& junk_flags() const { return junk_flags_; }
    void set_junk_flags(model::AutomaticJunkFlags rules) { junk_flags_ = std::move(rules); }
    [[nodiscard]] std::filesystem::path message_file(MessageId id) const { return layout_.message(name_, number(id)); }

    // An id that no message has or ever had. Ids come in blocks, each burned in a commit of its own, so this must not
    // be called inside a transaction. The files of such ids may exist without rows until close().
    [[nodiscard]] MessageId take_message_id();
    // Gives the rest of the id block back to nobody and ends its journal entry. Call it when no more ids are needed;
    // without it the next program that opens the account does so.
    void close();
    // The journal entry of the ids given out stays, for the next program that opens the account: which of their files
    // have rows is in doubt.
    void leave_id_block();
    // A name below tmp/ for a file of whoever has the id block, which is taken when there is none: what is left of it
    // after a crash goes with the block. Not inside a transaction.
    [[nodiscard]] std::filesystem::path temporary_file();

private:
    Account(const datadir::Layout& layout, std::string_view name, const AccountOptions& options, db::Database database);

    datadir::Layout layout_;
    std::string name_;
    db::Database database_;
    Ownership ownership_;
    const Clock* clock_;
    model::AutomaticJunkFlags junk_flags_;
    void ensure_ids();
    struct Block;
    std::shared_ptr<Block> block_;  // ids taken and not yet given out
};

}  // namespace mox::store
