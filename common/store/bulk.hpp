#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/automatic_junk_flags.hpp"
#include "store/mailbox.hpp"
#include "store/message_file.hpp"
#include "store/transaction.hpp"

namespace mox::store {

// Many messages into an account, all or nothing (import, restore). Files go straight to their places under reserved
// ids; rows wait in nameless files below tmp/; commit() makes everything durable with one sync and inserts all rows
// in one short transaction. Until then nobody sees anything and nobody waits. When commit() is not reached, the
// destructor removes what was written; after a crash the next program that opens the account does.
class BulkInsert {
public:
    // `purpose` is for people who look at the journal: "import".
    BulkInsert(Account& account, std::string_view purpose);
    ~BulkInsert();
    BulkInsert(const BulkInsert&) = delete;
    BulkInsert& operator=(const BulkInsert&) = delete;

    // A fresh id whose folder exists. Only from the thread that owns the account.
    [[nodiscard]] MessageId take_id();

    // What a message that was stored before brings along of its old placement.
    struct Origin {
        std::optional<std::int64_t> save_date;  // Unix seconds; nullopt: the time of the commit
        MailboxId mailbox_destined{};           // of the account that is inserted into
        bool is_reject = false, is_forward = false, muted = false, collapsed = false;
    };
    struct Item {
        MessageId id{};
        WrittenFile file;  // written to account.message_file(id), not synced
        // mime::encode(file.parsed), for which only file.parsed.threading is needed then; empty: add() does it.
        std::string structure = {};
        std::size_t mailbox = 0;  // index into the names given to commit()
        std::string prefix;
        Timestamp received;
        model::Flags flags;
        model::Keywords keywords;  // normalised and valid
        Origin origin = {};
        std::optional<Delivery> delivery = {};
        // UIDs of a mailbox ascend with it, and among equal ones in the order of add().
        std::int64_t order = 0;
    };
    // In ascending order of ids.
    void add(const Item& item);
    // One more place for a message that add() got; its mailbox is another one.
    struct Copy {
        MessageId id{};
        std::size_t mailbox = 0;
        std::int64_t size_bytes = 0;  // of prefix and file
        model::Flags flags;
        model::Keywords keywords;
        Origin origin = {};
    };
    void add_copy(const Copy& copy);
    // A taken id that got no message: its file, if any, is removed.
    void skip(MessageId id);
    [[nodiscard]] std::int64_t message_count() const;

    struct Target {
        std::string mailbox;  // normalised name; made with its parents when missing
        // Of a mailbox that is made: its special uses, as far as no other mailbox has them.
        SpecialUse special_use = SpecialUse::none;
        Subscribe subscribe = Subscribe::yes;
        // What the rules for junk flags do to each message put there, beside the mailbox's special use.
        model::AutomaticJunkFlags::Effect junk = {};
    };
    struct Result {
        std::vector<Mailbox> mailboxes;  // as after the commit, one per target
        std::int64_t created_mailboxes = 0;
        ModSeq modseq{};
        // Rows of the training log; 0: none.
        std::int64_t first_training = 0, last_training = 0;
    };
    [[nodiscard]] Result commit(const std::vector<Target>& targets);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mox::store
