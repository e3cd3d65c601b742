#include <mimetic/contentdisposition.h>
#include <mimetic/contenttype.h>
#include <mimetic/rfc822/addresslist.h>

#include <algorithm>

#include "mime/header.hpp"
#include "mime/mimetic.hpp"

namespace mox::mime::library {

namespace {

constexpr std::size_t max_split_parameters = 100;  // more: our own reader, which says that it drops some

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Rewrites a well-formed field for mimetic: no comments, no blanks between the pieces, no empty parameters. Nothing for
// fields that need guessing, and for what mimetic reads wrongly: ";" and backslashes in quotes, controls, "a/b/c".
class Normaliser {
public:
    explicit Normaliser(std::string_view text) : text_(text) {}

    std::optional<std::string> run() {
        while (position_ < text_.size())
            if (!step()) return std::nullopt;
        if (segment_ > 0 && !equals_seen_ && !out_.ends_with(';')) return std::nullopt;  // "a/b; c"
        if (out_.empty() || out_.front() == ';') return std::nullopt;
        return std::move(out_);
    }

private:
    bool step() {
        const char c = text_[position_];
        if (is_blank(c)) {
            gap_ = true;
            ++position_;
            return true;
        }
        if (c == '(') return skip_comment();
        if (c == ';') return end_segment();
        if (static_cast<unsigned char>(c) < 32 || c == 127 || c == '\\') return false;
        const bool is_equals = c == '=' && segment_ > 0 && !equals_seen_;
        const bool is_slash = c == '/' && segment_ == 0;
        if (is_equals && out_.ends_with(';')) return false;  // no name
        if (gap_ && !after_separator() && !is_equals && !is_slash) return false;
        if (c == '"') return copy_quoted();
        if (after_quoted_) return false;
        if (is_equals) equals_seen_ = true;
        separator_ = is_equals || is_slash;
        return copy(c);
    }

    bool copy(char c) {
        out_ += c;
        gap_ = false;
        ++position_;
        return true;
    }
    [[nodiscard]] bool after_separator() const { return separator_ || out_.empty() || out_.ends_with(';'); }

    bool skip_comment() {
        if (!gap_ && !after_separator()) return false;  // "name(1).txt"
        position_ = comment_end(text_, position_);
        gap_ = true;
        return text_[position_ - 1] == ')';
    }

    bool end_segment() {
        const bool empty = out_.ends_with(';');
        if (segment_ > 0 && !empty && !equals_seen_) return false;
        if (!empty && ++segment_ > max_split_parameters) return false;
        equals_seen_ = separator_ = after_quoted_ = false;
        if (!empty) return copy(';');
        ++position_;
        return true;
    }

    // A whole quoted value; only blanks and comments may follow it.
    bool copy_quoted() {
        if (!equals_seen_ || !separator_) return false;
        const auto end = text_.find('"', position_ + 1);
        if (end == std::string_view::npos) return false;
        const auto quoted = text_.substr(position_, end + 1 - position_);
        const auto bad = [](char c) {
            return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == ';' || c == '\\';
        };
        if (std::any_of(quoted.begin(), quoted.end(), bad)) return false;
        out_ += quoted;
        position_ = end + 1;
        gap_ = separator_ = false;
        after_quoted_ = true;
        return true;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::string out_;
    std::size_t segment_ = 0;    // 0: the value, then parameters
    bool equals_seen_ = false;   // in this segment
    bool separator_ = false;     // out_ ends with the "=" of a parameter or the "/" of a type
    bool gap_ = false;           // blanks or a comment since
    bool after_quoted_ = false;  // a quoted value ended
};

void copy_parameters(const mimetic::FieldParamList& from, SplitField& to) {
    for (const auto& parameter : from) to.parameters.emplace_back(parameter.name(), parameter.value());
}

// Characters other than blanks and what separates the pieces of addresses.
std::size_t content_size(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return std::string_view(" \t<>,").find(c) == std::string_view::npos; }));
}

}  // namespace

std::optional<SplitField> split_field(std::string_view value) {
    if (value.size() > max_field_bytes) return std::nullopt;
    const auto normal = Normaliser(value).run();
    if (!normal) return std::nullopt;
    const std::string& text = *normal;
    const std::string written = text.substr(0, text.find(';'));
    SplitField field;
    if (written.find('/') == std::string::npos) {
        const mimetic::ContentDisposition parsed(text);
        field.value = parsed.type();
        copy_parameters(parsed.paramList(), field);
    } else {
        const mimetic::ContentType parsed(text);
        field.value = parsed.type() + "/" + parsed.subtype();
        copy_parameters(parsed.paramList(), field);
    }
    if (field.value != written) return std::nullopt;  // "a/b/c" loses the "c"
    const auto separators = static_cast<std::size_t>(std::count(text.begin(), text.end(), ';'));
    if (field.parameters.size() != separators - (text.ends_with(';') ? 1 : 0)) return std::nullopt;
    return field;
}

std::optional<std::vector<SplitMailbox>> split_addresses(const std::string& text) {
    if (text.size() > max_field_bytes) return std::nullopt;
    const mimetic::AddressList list(text);
    std::vector<SplitMailbox> mailboxes;
    std::size_t read = 0;
    for (const auto& address : list) {
        if (address.isGroup()) return std::nullopt;
        const mimetic::Mailbox& mailbox = address.mailbox();
        constexpr int as_written = 0;
        mailboxes.push_back({mailbox.label(as_written), mailbox.mailbox(as_written), mailbox.domain(as_written)});
        const auto& last = mailboxes.back();
        if (last.localpart.empty() || last.domain.empty()) return std::nullopt;
        read += content_size(last.label) + content_size(last.localpart) + 1 + content_size(last.domain);
    }
    if (read != content_size(text)) return std::nullopt;  // "<b@c@>" loses an "@"
    return mailboxes;
}

}  // namespace mox::mime::library
