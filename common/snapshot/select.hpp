#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message.hpp"
#include "snapshot/source.hpp"
#include "store/types.hpp"

// Looking at the messages of a snapshot, and choosing some.

namespace mox::snapshot {

// All conditions must hold.
struct Selection {
    std::vector<std::string> mailboxes;  // normalised names; none: all
    std::vector<std::string> messages;   // ids ("42") or Message-IDs ("<a@b>", "a@b"); none: all
    std::optional<std::int64_t> since;   // received then or later, Unix seconds
    std::optional<std::int64_t> before;  // received earlier
    std::string from, subject;           // texts within, in any case; empty: whatever it is

    // True when every message of the mailboxes is selected.
    [[nodiscard]] bool takes_all() const {
        return messages.empty() && !since && !before && from.empty() && subject.empty();
    }
};

// "Ann <ann@example.org>, …" as people read it, of the From field.
[[nodiscard]] std::string from_text(const mime::Message& message);

// One account of a snapshot. One thread at a time; must not outlive the source.
class SnapshotAccount {
public:
    // Errc::not_found when the snapshot has no such account; otherwise as open_database().
    SnapshotAccount(const Source& source, std::string_view name, const std::filesystem::path& scratch);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] db::Database& database() { return opened_.database(); }
    // "accounts/alice/msg/a/1"
    [[nodiscard]] std::string message_path(store::MessageId id) const;
    // Those that are selected, by name. Errc::not_found naming one that is missing.
    [[nodiscard]] std::vector<store::Mailbox> mailboxes(const Selection& selection);

    // Every selected message of one mailbox in the order of UIDs. Errc::not_found naming a message of the selection
    // that the account does not have in any mailbox.
    using Visit = std::function<void(const store::Placement&)>;
    void for_each(const store::Mailbox& mailbox, const Selection& selection, const Visit& visit);
    // The structure of a message: as recorded, or by reading the file when it is not and the source has files. nullopt
    // when it cannot be had.
    [[nodiscard]] std::optional<mime::Message> structure(store::MessageId id);

private:
    [[nodiscard]] std::vector<std::int64_t> wanted_ids(const Selection& selection);
    [[nodiscard]] bool has_texts(store::MessageId id, const Selection& selection);

    const Source& source_;
    std::string name_;
    db::Untouched opened_;
    std::optional<db::ReadTransaction> state_;  // of a data directory that others write to after all
};

}  // namespace mox::snapshot
