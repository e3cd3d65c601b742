#include "server/imap/url_contents.hpp"

#include <algorithm>

#include "mime/header.hpp"
#include "server/imap/header_fields.hpp"
#include "server/imap/scanned.hpp"
#include "server/imap/sections.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

Place place_of(const store::MessageContents& contents, std::string_view stored, const Section& section) {
    if (section.part.empty() && section.what == Section::Text::all) return {.begin = 0, .end = contents.size_bytes()};
    mime::MessageView structure;
    if (structure.read(stored) && structure.fits(contents.size_bytes())) return find_section(structure, section);
    const std::string scanned = scanned_structure(contents);
    return structure.read(scanned) ? find_section(structure, section) : Place{.status = Place::Status::missing};
}

}  // namespace

std::optional<UrlContents> UrlContents::find(store::Account& account, const MessageUrl& url) {
    const auto mailbox = store::find_mailbox(account.database(), url.mailbox.value_or(""));
    if (!mailbox || mailbox->uidvalidity != url.uidvalidity.value_or(mailbox->uidvalidity)) return std::nullopt;
    auto row = account.database().prepare(
        "SELECT m.id, m.size, m.prefix, m.structure FROM placement p JOIN message m ON m.id = p.message_id"
        " WHERE p.mailbox_id = ? AND p.uid = ?");
    row.bind(mailbox->id, url.uid);
    if (!row.step()) return std::nullopt;
    const auto file = std::make_shared<const store::MessageContents>(
        account.message_file(row.column<store::MessageId>(0)), row.column<std::string>(2), row.column<std::int64_t>(1));
    const Place place = place_of(*file, row.column<std::string_view>(3), url.section);
    if (place.status != Place::Status::found) return std::nullopt;

    UrlContents out;
    out.begin_ = place.begin;
    out.end_ = place.end;
    const bool only = url.section.what == Section::Text::header_fields;
    if (only || url.section.what == Section::Text::header_fields_not) {
        const std::string header =
            file->read(place.begin, std::min<std::uint64_t>(place.end, place.begin + mime::max_header_bytes));
        out.text_ = chosen_fields(header, url.section.fields, only ? Fields::only : Fields::all_but);
        out.begin_ = 0;
        out.end_ = out.text_.size();
    } else {
        out.file_ = file;
    }
    if (url.partial) {
        out.begin_ += std::min(url.partial->offset, out.size_bytes());
        out.end_ = out.begin_ + std::min(url.partial->size, out.size_bytes());
    }
    return out;
}

std::string UrlContents::take(std::uint64_t count) {
    const auto from = begin_;
    begin_ += std::min(count, size_bytes());
    return file_ ? file_->read(from, begin_) : text_.substr(from, begin_ - from);
}

}  // namespace mox::imap
