#include "server/imap/text_search.hpp"

#include <algorithm>
#include <cstring>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/decode.hpp"
#include "mime/fold.hpp"
#include "mime/header.hpp"
#include "mime/html_letters.hpp"
#include "mime/html_runs.hpp"
#include "mime/html_text.hpp"

namespace mox::imap {

namespace {

// A message up to that size is read at once.
constexpr std::size_t max_whole_bytes = 512U << 10U;
constexpr std::size_t piece_bytes = 128U << 10U;
// A line that is longer is cut.
constexpr std::size_t max_line_bytes = 1U << 20U;

// Text is converted in pieces, which end where charsets are in their first state: behind a line. Those with units of
// several bytes have no such place.
std::size_t end_of_piece(std::string_view bytes, std::string_view charset) {
    const bool wide =
        charset.size() > 3 &&
        (equal_ignoring_case(charset.substr(0, 3), "utf") || equal_ignoring_case(charset.substr(0, 3), "ucs")) &&
        !equal_ignoring_case(charset, "utf-8") && !equal_ignoring_case(charset, "utf8");
    if (wide) return bytes.size() >= max_line_bytes ? bytes.size() & ~std::size_t{3} : 0;
    const auto line = bytes.rfind('\n');
    if (line != std::string_view::npos) return line + 1;
    return bytes.size() >= max_line_bytes ? bytes.size() : 0;
}

std::string_view charset_of(const mime::PartView& part) {
    for (const auto& parameter : part.parameters)
        if (parameter.name == "charset") return parameter.value;
    return {};
}

// As pages are shown: several blanks and line ends are one blank.
std::string with_single_blanks(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (!mime::is_html_blank(c))
            out += c;
        else if (!out.ends_with(' '))
            out += ' ';
    }
    return out;
}

// Whether what is in it is text for people.
bool is_text(const mime::PartView& part) {
    return part.first_child == 0 && (part.type == "text" || part.is_multipart() || part.is_message());
}

}  // namespace

TextSearch::TextSearch(std::vector<Wanted> wanted) : wanted_(std::move(wanted)) {
    for (const auto& one : wanted_) {
        overlap_ = std::max(overlap_, one.folded.size());
        only_fields_ = only_fields_ && one.where == Wanted::Where::field;
        mime::append_letters(letters_.emplace_back(), one.folded);
    }
}

std::span<const char> TextSearch::run(const store::MessageContents& contents, const mime::MessageView& message) {
    contents_ = &contents;
    found_.assign(wanted_.size(), 0);
    left_ = wanted_.size();
    whole_.clear();
    const auto size = only_fields_ ? message.root().body_offset : contents.size_bytes();
    if (size <= max_whole_bytes) whole_ = contents.read(0, size);
    for (std::size_t i = 0; i < wanted_.size(); ++i)
        if (wanted_[i].folded.empty() && wanted_[i].where != Wanted::Where::field) found(i);

    const auto& root = message.root();
    for (const auto& part : message.parts()) {
        if (all_found()) break;
        const auto header_end = std::min(part.body_offset, part.header_offset + mime::max_header_bytes);
        const auto header = bytes(part.header_offset, header_end, piece_);
        if (&part == &root)
            look_at_fields(header);
        else
            look_at_part_header(header);
        if (only_fields_) break;
        if (!all_found() && is_text(part)) look_at_text(part);
    }
    return found_;
}

// Of the message itself.
void TextSearch::look_at_fields(std::string_view header) {
    window_.clear();
    mime::FieldReader fields(header);
    while (const auto field = fields.next()) {
        const auto start = window_.size();
        mime::append_folded(window_, field->name);
        window_ += ": ";
        const auto value = window_.size();
        mime::append_folded(window_, mime::text_value(field->value));
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            const auto& one = wanted_[i];
            if (one.where == Wanted::Where::field && found_[i] == 0 &&
                std::string_view(window_).substr(start, value - start - 2) == one.field &&
                window_.find(one.folded, value) != std::string::npos)
                found(i);
        }
        window_ += '\n';
    }
    look_for_all(false);
}

// To a message, headers of its parts are body.
void TextSearch::look_at_part_header(std::string_view header) {
    window_.clear();
    mime::FieldReader fields(header);
    while (const auto field = fields.next()) {
        mime::append_folded(window_, field->name);
        window_ += ": ";
        mime::append_folded(window_, mime::text_value(field->value));
        window_ += '\n';
    }
    look_for_all(true);
}

void TextSearch::look_at_text(const mime::PartView& part) {
    const auto charset = charset_of(part);
    mime::TransferDecoder decoder(part.is_multipart() ? mime::TransferEncoding::binary : part.encoding);
    decoded_.clear();
    window_.clear();
    is_page_ = part.type == "text" && part.subtype == "html";
    page_.clear();
    for (auto at = part.body_offset; at < part.end_offset && !all_found();) {
        const auto end = std::min<std::uint64_t>(part.end_offset, at + piece_bytes);
        decoder.feed(bytes(at, end, piece_), decoded_);
        at = end;
        if (at == part.end_offset) decoder.finish(decoded_);
        look_at_decoded(charset, at == part.end_offset);
    }
    if (is_page_ && !all_found()) look_at_page();
}

// A page is parsed only when there is something in it that may be found.
void TextSearch::look_at_page() {
    page_letters_.clear();
    mime::append_html_letters(page_letters_, page_);
    const auto may_be_in_it = [&](std::size_t i) {
        return found_[i] == 0 && wanted_[i].where != Wanted::Where::field &&
               page_letters_.find(letters_[i]) != std::string::npos;
    };
    bool any = false;
    for (std::size_t i = 0; i < wanted_.size() && !any; ++i) any = may_be_in_it(i);
    if (!any) return;
    window_.clear();
    mime::append_folded(window_, with_single_blanks(mime::read_html(page_).text));
    look_for_all(true);
}

void TextSearch::look_at_decoded(std::string_view charset, bool is_end) {
    const auto end = is_end ? decoded_.size() : end_of_piece(decoded_, charset);
    if (end == 0) return;
    const auto text = std::string_view(decoded_).substr(0, end);
    const std::string utf8 = mime::to_utf8(text, charset);
    mime::append_folded(window_, utf8);
    if (is_page_ && page_.size() < mime::max_html_bytes) page_.append(utf8, 0, mime::max_html_bytes - page_.size());
    decoded_.erase(0, end);
    look_for_all(true);
    if (window_.size() > overlap_) window_.erase(0, window_.size() - overlap_);
}

void TextSearch::look_for_all(bool in_body) {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const auto where = wanted_[i].where;
        if (found_[i] != 0 || where == Wanted::Where::field || (where == Wanted::Where::body && !in_body)) continue;
        if (memmem(window_.data(), window_.size(), wanted_[i].folded.data(), wanted_[i].folded.size()) != nullptr)
            found(i);
    }
}

std::string_view TextSearch::bytes(std::uint64_t begin, std::uint64_t end, std::string& buffer) const {
    if (!whole_.empty()) return std::string_view(whole_).substr(begin, end - begin);
    buffer = contents_->read(begin, end);
    return buffer;
}

void TextSearch::found(std::size_t index) {
    if (found_[index] != 0) return;
    found_[index] = 1;
    --left_;
}

}  // namespace mox::imap
