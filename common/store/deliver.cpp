#include "store/deliver.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "store/changes.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "store/threads.hpp"

namespace mox::store {

namespace fs = std::filesystem;

namespace {

// Durable: the folder of a new message is made, and named in its parents, before anything is put into it.
void ensure_folder(const fs::path& folder, const fs::path& account, const Ownership& ownership) {
    if (directory_exists(folder)) return;
    make_directory(folder.parent_path(), ownership);
    make_directory(folder, ownership);
    sync_directory(folder.parent_path());
    sync_directory(account);
}

}  // namespace

PreparedFile::~PreparedFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
}

PreparedMessage prepare(Account& account, std::string_view prefix, std::string_view contents) {
    make_directory(account.layout().tmp(), account.ownership());
    const fs::path temporary = account.temporary_file();
    MessageWriter writer;
    try {
        writer.begin(temporary, prefix, account.ownership());
        writer.write(as_bytes(contents));
        return place(account, temporary, writer.finish(MessageWriter::Sync::later));
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
}

PreparedMessage place(Account& account, const fs::path& temporary, WrittenFile file) {
    PreparedMessage prepared{.id = account.take_message_id(), .file = std::move(file), .placed = nullptr};
    const fs::path target = account.message_file(prepared.id);
    ensure_folder(target.parent_path(), account.layout().account(account.name()), account.ownership());
    if (::link(temporary.c_str(), target.c_str()) != 0) throw system_error(errno, "link to", target.native());
    prepared.placed = std::make_shared<PreparedFile>(target);
    // After it has its name: a journal gets both at once then, and the folder has nothing left to do.
    const UniqueFd placed = open_for_reading(target);
    sync_file(placed.get(), target);
    sync_directory(target.parent_path());
    remove_file(temporary);
    return prepared;
}

Uid add(Transaction& tx, const Mailbox& mailbox, const PreparedMessage& prepared, const NewMessage& message) {
    tx.own_file(prepared.placed->release());
    const mime::Threading& threading = prepared.file.parsed.threading;
    const ThreadLink thread = find_thread(tx.database(), prepared.id, threading, mailbox.id, message.received);
    const std::int64_t size = prepared.file.size_bytes + static_cast<std::int64_t>(message.prefix.size());
    insert_message(tx, {.id = prepared.id,
                        .size_bytes = size,
                        .prefix = message.prefix,
                        .file_sha256 = prepared.file.sha256,
                        .received = message.received,
                        .message_id = threading.message_id,
                        .subject_base = threading.subject.text,
                        .thread = thread,
                        .structure = mime::encode(prepared.file.parsed)});
    if (message.delivery) insert_delivery(tx.database(), prepared.id, *message.delivery);
    if (has(mailbox.special_use, SpecialUse::sent))
        insert_recipients(tx, prepared.id, prepared.file.parsed, message.received);
    model::Flags flags = junk_effect(tx.account(), mailbox).apply(message.flags);
    if (thread.muted) flags = flags.with(model::Flag::seen);
    const bool destined_elsewhere = message.mailbox_destined != mailbox.id;
    const Uid uid = insert_placement(tx,
                                     {.mailbox = mailbox.id,
                                      .message = prepared.id,
                                      .flags = flags,
                                      .keywords = message.keywords,
                                      .save_date = tx.account().now().seconds,
                                      .mailbox_orig = mailbox.id,
                                      .mailbox_destined = destined_elsewhere ? message.mailbox_destined : MailboxId{},
                                      .is_reject = message.is_reject,
                                      .is_forward = message.is_forward,
                                      .muted = thread.muted,
                                      .collapsed = thread.collapsed},
                                     size);
    update_training(tx, mailbox.id);
    return uid;
}

namespace {

Delivered add_and_commit(Transaction& tx, std::string_view mailbox, const PreparedMessage& prepared,
                         const NewMessage& message) {
    const Mailbox target = ensure_mailbox(tx, mailbox, Subscribe::yes);
    const Uid uid = add(tx, target, prepared, message);
    const ModSeq modseq = tx.modseq();
    tx.commit();
    return {.id = prepared.id, .mailbox = target.id, .uid = uid, .modseq = modseq};
}

}  // namespace

Delivered deliver(Account& account, std::string_view mailbox, const NewMessage& message, std::string_view contents) {
    const PreparedMessage prepared = prepare(account, message.prefix, contents);
    Transaction tx(account);
    return add_and_commit(tx, mailbox, prepared, message);
}

Delivered deliver_reject(Account& account, std::string_view rejects, std::string_view destined, NewMessage message,
                         std::string_view contents) {
    const PreparedMessage prepared = prepare(account, message.prefix, contents);
    Transaction tx(account);
    message.mailbox_destined = ensure_mailbox(tx, destined, Subscribe::yes).id;
    message.is_reject = true;
    message.flags = message.flags.with(model::Flag::seen);
    return add_and_commit(tx, rejects, prepared, message);
}

}  // namespace mox::store
