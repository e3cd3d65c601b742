#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "model/flags.hpp"
#include "model/special_use.hpp"

// The words of an account: ids, and rows as plain values.

namespace mox::store {

enum class MessageId : std::int64_t {};  // names the file; never used twice in an account
enum class MailboxId : std::int64_t {};  // never used twice in an account
enum class Uid : std::uint32_t {};       // RFC 9051 section 2.3.1.1; ascends within a mailbox
enum class ModSeq : std::int64_t {};     // RFC 7162; one counter for the whole account

[[nodiscard]] constexpr std::int64_t number(MessageId id) {
    return static_cast<std::int64_t>(id);
}
[[nodiscard]] constexpr std::int64_t number(MailboxId id) {
    return static_cast<std::int64_t>(id);
}
[[nodiscard]] constexpr std::uint32_t number(Uid uid) {
    return static_cast<std::uint32_t>(uid);
}
[[nodiscard]] constexpr std::int64_t number(ModSeq modseq) {
    return static_cast<std::int64_t>(modseq);
}

using model::has;
using model::SpecialUse;

// What a message counts as in the junk filter. The values are on disk.
enum class Trained : std::uint8_t { no = 0, as_junk = 1, as_ham = 2 };
// What the flags ask for: exactly one of $Junk and $NotJunk.
[[nodiscard]] constexpr Trained wanted_training(model::Flags flags) {
    const bool junk = flags.has(model::Flag::junk);
    if (junk == flags.has(model::Flag::not_junk)) return Trained::no;
    return junk ? Trained::as_junk : Trained::as_ham;
}

// Numbers that every mailbox keeps of its messages. IMAP's MESSAGES is total + deleted.
struct Counts {
    std::int64_t total = 0;    // without \Deleted
    std::int64_t deleted = 0;  // with \Deleted
    std::int64_t unread = 0;   // neither \Seen nor \Deleted
    std::int64_t unseen = 0;   // without \Seen
    std::int64_t size_bytes = 0;

    // What one message of `size_bytes` with these flags adds.
    [[nodiscard]] static constexpr Counts of(model::Flags flags, std::int64_t size_bytes) {
        const bool deleted = flags.has(model::Flag::deleted);
        const bool seen = flags.has(model::Flag::seen);
        return {.total = deleted ? 0 : 1,
                .deleted = deleted ? 1 : 0,
                .unread = !deleted && !seen ? 1 : 0,
                .unseen = seen ? 0 : 1,
                .size_bytes = size_bytes};
    }
    constexpr Counts& operator+=(const Counts& other) {
        total += other.total;
        deleted += other.deleted;
        unread += other.unread;
        unseen += other.unseen;
        size_bytes += other.size_bytes;
        return *this;
    }
    constexpr Counts& operator-=(const Counts& other) {
        total -= other.total;
        deleted -= other.deleted;
        unread -= other.unread;
        unseen -= other.unseen;
        size_bytes -= other.size_bytes;
        return *this;
    }
    friend constexpr Counts operator-(Counts a, const Counts& b) { return a -= b; }
    friend constexpr Counts operator*(const Counts& a, std::int64_t times) {
        return {a.total * times, a.deleted * times, a.unread * times, a.unseen * times, a.size_bytes * times};
    }
    friend constexpr bool operator==(const Counts&, const Counts&) = default;
};

struct Mailbox {
    MailboxId id{};
    std::optional<MailboxId> parent;
    std::string name;
    std::uint32_t uidvalidity = 0;
    Uid uidnext{};
    SpecialUse special_use = SpecialUse::none;
    model::Keywords keywords;  // all ever used in it
    Counts counts;
    ModSeq createseq{}, modseq{};
};

// One message in one mailbox.
struct Placement {
    MailboxId mailbox{};
    Uid uid{};
    MessageId message{};
    model::Flags flags;
    model::Keywords keywords;
    ModSeq modseq{}, createseq{};
    std::optional<std::int64_t> save_date;  // Unix seconds
    MailboxId mailbox_orig{}, mailbox_destined{};
    bool is_reject = false, is_forward = false, muted = false, collapsed = false;
    Trained trained = Trained::no;
};

// Where a message stands in its thread.
struct ThreadLink {
    std::int64_t thread_id = 0;             // id of the thread's first message
    std::optional<MessageId> parent;        // nullopt for a root
    bool missing_link = false;              // the parent was not found by the nearest reference
    bool muted = false, collapsed = false;  // inherited from the parent
};

// What a message is.
struct Message {
    MessageId id{};
    std::int64_t size_bytes = 0;  // prefix and file
    std::string prefix;
    Sha256Digest file_sha256{};
    Timestamp received;
    std::string message_id;  // canonical, "" without
    std::string subject_base;
    ThreadLink thread;
    std::optional<std::string> preview;
    std::optional<std::string> structure;  // mime::encode(); nullopt: not parsed
};

// How a message came by SMTP: the values of the table `delivery`, docs/data-directory.md.
enum class Validation : std::uint8_t {  // on disk
    unknown = 0,
    strict = 1,
    dmarc = 2,
    relaxed = 3,
    pass = 4,
    neutral = 5,
    temperror = 6,
    permerror = 7,
    fail = 8,
    softfail = 9,
    none = 10,
};
struct Delivery {
    std::string remote_ip, remote_ip_masked1, remote_ip_masked2, remote_ip_masked3;
    std::string ehlo_domain;
    std::string mail_from, mail_from_localpart, mail_from_domain;
    std::string rcpt_to_localpart, rcpt_to_domain;
    std::string msg_from_localpart, msg_from_domain, msg_from_org_domain;
    bool ehlo_validated = false, mail_from_validated = false, msg_from_validated = false;
    Validation ehlo_validation{}, mail_from_validation{}, msg_from_validation{};
    std::vector<std::string> dkim_domains;
    std::string orig_ehlo_domain;
    std::vector<std::string> orig_dkim_domains;
    bool is_mailing_list = false, is_dsn = false;
    std::uint16_t tls_version = 0, tls_cipher_suite = 0;
    bool require_tls = false;
};

// UIDs from first to last, both included.
struct UidRange {
    Uid first{}, last{};
};
using UidRanges = std::vector<UidRange>;
inline constexpr UidRange all_uids{Uid{1}, Uid{0xffffffff}};

}  // namespace mox::store
