#include "outlet/maildir_notes.hpp"

#include <fmt/format.h>

namespace mox::outlet {

namespace {

std::string_view base_of(std::string_view name) {
    return name.substr(0, name.rfind(":2,"));
}

}  // namespace

MaildirNotes::MaildirNotes(const MailboxInfo& mailbox)
    : letters_(mailbox.keyword_counts),
      uidlist_header_(fmt::format("3 V{} N{}\n", mailbox.uidvalidity, mailbox.uidnext)) {}

Piece MaildirNotes::describe(Message&& message, const Contents& contents) const {
    Piece piece;
    std::vector<std::string_view> others;
    piece.name = maildir_base(message, contents) + ":2," + letters_.letters(message, others);
    for (const auto other : others) piece.keywords.append(piece.keywords.empty() ? "" : " ").append(other);
    piece.message = std::move(message);
    return piece;
}

std::string MaildirNotes::uidlist_line(const Piece& piece) {
    return fmt::format("{} :{}\n", piece.message.uid, base_of(piece.name));
}

std::string MaildirNotes::keywords_line(const Piece& piece) {
    if (piece.keywords.empty()) return {};
    return fmt::format("{} {}\n", base_of(piece.name), piece.keywords);
}

std::string maildir_text(const Contents& contents) {
    std::string text;
    text.reserve(contents.written_bytes);
    for (std::string_view rest = contents.text; !rest.empty();) append_line(text, take_line(rest), contents.line_ends);
    return text;
}

}  // namespace mox::outlet
