#include "store/known_contents.hpp"

#include <cstring>
#include <string>

#include "base/encoding.hpp"

namespace mox::store {

// 128 bits of SHA-256: two different messages never agree by chance.
KnownContents::Key KnownContents::contents_key(std::size_t mailbox, const Sha256Digest& file) {
    Key key{};
    std::memcpy(key.data(), file.data(), sizeof(key));
    key[1] ^= mailbox;
    return key;
}

KnownContents::Key KnownContents::message_id_key(std::size_t mailbox, std::string_view message_id,
                                                 std::int64_t size_bytes) {
    const std::string text = std::to_string(size_bytes) + ' ' + std::string(message_id);
    return contents_key(mailbox, sha256(as_bytes(text)));
}

void KnownContents::load(db::Database& database, MailboxId id, std::size_t mailbox) {
    for (const auto& [message, sha256_bytes, message_id, size] :
         database.rows<MessageId, std::string_view, std::string_view, std::int64_t>(
             "SELECT m.id, m.file_sha256, m.message_id, m.size FROM placement p CROSS JOIN message m ON m.id ="
             " p.message_id WHERE p.mailbox_id = ?",
             id)) {
        Sha256Digest digest{};
        std::memcpy(digest.data(), sha256_bytes.data(), std::min(digest.size(), sha256_bytes.size()));
        by_contents_.emplace(contents_key(mailbox, digest), message);
        if (!message_id.empty()) by_message_id_.emplace(message_id_key(mailbox, message_id, size), message);
    }
}

void KnownContents::add(std::size_t mailbox, const Sha256Digest& file, MessageId id) {
    by_contents_.emplace(contents_key(mailbox, file), id);
}

std::optional<KnownContents::Found> KnownContents::find(std::size_t mailbox, const Sha256Digest& file,
                                                        std::string_view message_id, std::int64_t size_bytes) const {
    if (const auto same = by_contents_.find(contents_key(mailbox, file)); same != by_contents_.end())
        return Found{same->second, Sameness::contents};
    if (message_id.empty()) return std::nullopt;
    const auto same = by_message_id_.find(message_id_key(mailbox, message_id, size_bytes));
    if (same == by_message_id_.end()) return std::nullopt;
    return Found{same->second, Sameness::message_id_and_size};
}

}  // namespace mox::store
