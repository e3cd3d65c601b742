#pragma once

#include <string>
#include <string_view>

#include "outlet/maildir_name.hpp"
#include "outlet/writer.hpp"

namespace mox::outlet {

// What a maildir holds beside its messages: dovecot-keywords, the keywords without letter, and dovecot-uidlist, which
// tells the order and keeps the UIDs for clients. Shared by maildirs on disk and in archives.
class MaildirNotes {
public:
    explicit MaildirNotes(const MailboxInfo& mailbox);

    // Name of the message's file, and its line in the file mox-keywords, if it needs one (without line end).
    [[nodiscard]] Piece describe(Message&& message, const Contents& contents) const;

    [[nodiscard]] std::string dovecot_keywords() const { return letters_.dovecot_keywords(); }
    [[nodiscard]] const std::string& uidlist_header() const { return uidlist_header_; }
    [[nodiscard]] static std::string uidlist_line(const Piece& piece);
    [[nodiscard]] static std::string keywords_line(const Piece& piece);

private:
    KeywordLetters letters_;
    std::string uidlist_header_;
};

// The contents as they stand in a maildir; only for those that are not streamed.
[[nodiscard]] std::string maildir_text(const Contents& contents);

}  // namespace mox::outlet
