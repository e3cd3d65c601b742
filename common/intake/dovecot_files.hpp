#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Files that Dovecot keeps in a Maildir beside its messages (https://doc.dovecot.org, "Maildir Mailbox Format").

namespace mox::intake {

// dovecot-uidlist: which UID each message has. A header line ("3 V<validity> N<next> …", or "1 <validity> <next>"),
// then lines "<uid> [fields…] :<file name>" (version 3) or "<uid> <file name>" (version 1). Takes the text in pieces
// and keeps 16 bytes a message: names are told apart by a 64-bit hash of their part before the flags.
class UidList {
public:
    void feed(std::string_view piece);
    void finish();

    // nullopt for a message that the list does not have.
    [[nodiscard]] std::optional<std::uint32_t> uid_of(std::string_view file_name) const;
    [[nodiscard]] std::size_t size() const { return uids_.size(); }
    // What is wrong with it, "<line>: …"; lines that cannot be read are skipped. Only the first few.
    [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

private:
    void take_line(std::string_view line);
    void problem(std::string what);

    std::string held_;  // the start of a line
    bool too_long_ = false;
    std::uint64_t line_ = 0;
    unsigned version_ = 0;
    std::vector<std::pair<std::uint64_t, std::uint32_t>> uids_;  // by hash; sorted by finish()
    std::vector<std::string> problems_;
};

// subscriptions: names of mailboxes, one a line, with '.' between parts; or, after a line "V<tab>2", parts with tabs
// between them. Names come out in the first form. Names are as in the names of folders (modified UTF-7).
[[nodiscard]] std::set<std::string> parse_subscriptions(std::string_view text);

// A name of a mailbox in modified UTF-7 (RFC 3501 section 5.1.3) as UTF-8; nullopt when it is none: it has 8-bit bytes,
// or a shift sequence that is broken.
[[nodiscard]] std::optional<std::string> from_modified_utf7(std::string_view text);

// The parts of a Maildir++ folder name ".Lists.Debian" as UTF-8: what is no modified UTF-7 is kept as it is. The name
// has its first dot; empty parts are left out.
[[nodiscard]] std::vector<std::string> maildir_plus_parts(std::string_view folder_name);

}  // namespace mox::intake
