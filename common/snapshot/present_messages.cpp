#include "snapshot/present_messages.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/interrupt.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"

namespace mox::snapshot {

namespace {

// Only to find candidates; they are compared as a whole.
std::uint64_t hash_of(std::string_view file_sha256, std::string_view prefix) {
    return xxh3_64(file_sha256) * 31 + xxh3_64(prefix);
}

}  // namespace

PresentMessages::PresentMessages(store::Account& account, std::string_view name) : account_(account) {
    const auto mailbox = store::find_mailbox(account.database(), name);
    if (!mailbox) return;
    for (const auto& [id, sha256, prefix] :
         account.database().rows<store::MessageId, std::string_view, std::string_view>(
             "SELECT m.id, m.file_sha256, m.prefix FROM placement p CROSS JOIN message m WHERE p.mailbox_id = ? AND"
             " m.id = p.message_id",
             mailbox->id)) {
        check_interrupt();
        known_.push_back({hash_of(sha256, prefix), id});
    }
    std::ranges::sort(known_, {}, &Known::hash);
}

bool PresentMessages::has(const store::Message& message) {
    const std::uint64_t hash = hash_of(as_text(message.file_sha256), message.prefix);
    for (auto known = std::ranges::lower_bound(known_, hash, {}, &Known::hash);
         known != known_.end() && known->hash == hash; ++known) {
        const auto live = store::find_message(account_.database(), known->id);
        if (live && live->file_sha256 == message.file_sha256 && live->prefix == message.prefix &&
            live->size_bytes == message.size_bytes)
            return true;
    }
    return false;
}

}  // namespace mox::snapshot
