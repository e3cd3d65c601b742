#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/hash.hpp"
#include "db/database.hpp"
#include "store/types.hpp"

namespace mox::store {

// What mailboxes hold, to find messages that come a second time. Keeps about 100 bytes a message.
class KnownContents {
public:
    // Everything that a mailbox holds; `mailbox` is the caller's number for it.
    void load(db::Database& database, MailboxId id, std::size_t mailbox);
    // A message that was put there since: only its contents count from now on.
    void add(std::size_t mailbox, const Sha256Digest& file, MessageId id);

    enum class Sameness { contents, message_id_and_size };
    struct Found {
        MessageId id{};
        Sameness sameness = Sameness::contents;
    };
    // A message of that mailbox with the same file, or one that was loaded with the same Message-ID (not empty) and
    // size.
    [[nodiscard]] std::optional<Found> find(std::size_t mailbox, const Sha256Digest& file, std::string_view message_id,
                                            std::int64_t size_bytes) const;

private:
    using Key = std::array<std::uint64_t, 2>;
    struct KeyHash {
        std::size_t operator()(const Key& key) const { return static_cast<std::size_t>(key[0]); }
    };
    [[nodiscard]] static Key contents_key(std::size_t mailbox, const Sha256Digest& file);
    [[nodiscard]] static Key message_id_key(std::size_t mailbox, std::string_view message_id, std::int64_t size_bytes);

    std::unordered_map<Key, MessageId, KeyHash> by_contents_, by_message_id_;
};

}  // namespace mox::store
