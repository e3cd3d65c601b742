#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/message_file.hpp"
#include "store/transaction.hpp"

// One message into one mailbox: SMTP delivery, IMAP APPEND, tests.

namespace mox::store {

struct NewMessage {
    std::string prefix;  // header lines that we add: before the file's contents
    Timestamp received;
    model::Flags flags;
    model::Keywords keywords;  // normalised and valid
    std::optional<Delivery> delivery;
    MailboxId mailbox_destined{};  // of a reject
    bool is_reject = false, is_forward = false;
};

// A message whose file is in place and on disk, but has no row yet. The file goes away with it, unless add() has taken
// it over.
class PreparedFile {
public:
    explicit PreparedFile(std::filesystem::path path) : path_(std::move(path)) {}
    PreparedFile(const PreparedFile&) = delete;
    PreparedFile& operator=(const PreparedFile&) = delete;
    ~PreparedFile();
    [[nodiscard]] std::filesystem::path release() { return std::exchange(path_, {}); }

private:
    std::filesystem::path path_;
};
struct PreparedMessage {
    MessageId id{};
    WrittenFile file;
    std::shared_ptr<PreparedFile> placed;
};

// Stores contents (CRLF line ends) as a file of a fresh id: written under tmp/, linked into place, file and folder
// synced. Not inside a transaction. The file goes away with the account's id block unless add() makes it visible.
[[nodiscard]] PreparedMessage prepare(Account& account, std::string_view prefix, std::string_view contents);

// The same for contents that are written: by a MessageWriter to account.temporary_file(), which need not have synced
// them. `temporary` is removed, unless this throws.
[[nodiscard]] PreparedMessage place(Account& account, const std::filesystem::path& temporary, WrittenFile file);

// Makes it visible: placement, thread, recipients (in a mailbox for sent mail), counts, keywords, junk
// flags (junk_effect), training. The file is removed when the transaction is not committed. A muted thread marks it
// \Seen.
Uid add(Transaction& tx, const Mailbox& mailbox, const PreparedMessage& prepared, const NewMessage& message);

// prepare(), ensure_mailbox() with subscription, add(), commit: durable at return.
struct Delivered {
    MessageId id{};
    MailboxId mailbox{};
    Uid uid{};
    ModSeq modseq{};
};
Delivered deliver(Account& account, std::string_view mailbox, const NewMessage& message, std::string_view contents);

// The same for a message that was not accepted: it goes into the mailbox for rejects, seen, and remembers the mailbox
// that it was meant for. That one is made when missing, so that what people make of the reject counts for it.
Delivered deliver_reject(Account& account, std::string_view rejects, std::string_view destined, NewMessage message,
                         std::string_view contents);

}  // namespace mox::store
