#include "mime/threading.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "mime/address.hpp"
#include "mime/charset.hpp"
#include "mime/header.hpp"

namespace mox::mime {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// What is between "<" and ">", in its one form.
std::string canonical(std::string_view id) {
    std::string text = lower_case(guess_utf8(id));
    const auto at = text.rfind('@');
    if (text.starts_with('"') && at != std::string::npos && at >= 2 && text[at - 1] == '"') {
        std::string localpart;
        for (std::size_t i = 1; i + 1 < at; ++i) {
            if (text[i] == '\\' && i + 2 < at) ++i;
            localpart += text[i];
        }
        text = quoted_localpart(localpart) + text.substr(at);
    }
    for (char& c : text)
        if (c == '\0') c = ' ';
    return text;
}

std::vector<std::string> all_ids(std::string_view value, std::size_t most) {
    std::vector<std::string> ids;
    std::size_t at = 0;
    while (ids.size() < most && (at = value.find('<', at)) != std::string_view::npos) {
        const auto end = value.find('>', at + 1);
        if (end == std::string_view::npos) break;
        std::string id(value.substr(at + 1, end - at - 1));
        std::erase_if(id, is_blank);
        if (!id.empty()) ids.push_back(canonical(id));
        at = end + 1;
    }
    return ids;
}

class SubjectReader {
public:
    explicit SubjectReader(std::string_view text) : text_(text) {}

    BaseSubject read() {
        do {
            strip_trailers();
            while (strip_reply() || strip_tag()) {
            }
        } while (strip_enclosing());
        return {std::string(text_), reply_};
    }

private:
    void trim() { text_ = trimmed(text_); }

    void strip_trailers() {
        for (trim(); text_.ends_with("(fwd)"); trim()) {
            text_.remove_suffix(5);
            reply_ = true;
        }
    }

    // "re:", "fw:", "fwd:", with blanks and a "[...]" before the colon.
    bool strip_reply() {
        trim();
        std::string_view rest = text_;
        if (rest.starts_with("re") || rest.starts_with("fw")) {
            rest.remove_prefix(rest.starts_with("fwd") ? 3 : 2);
        } else {
            return false;
        }
        rest = trimmed(rest);
        if (rest.starts_with('[')) {
            const auto end = rest.find_first_of("[]", 1);
            if (end == std::string_view::npos || rest[end] != ']') return false;
            rest = trimmed(rest.substr(end + 1));
        }
        if (!rest.starts_with(':')) return false;
        text_ = rest.substr(1);
        trim();
        reply_ = true;
        return true;
    }

    bool strip_tag() {
        trim();
        if (!text_.starts_with('[') || text_.starts_with("[fwd:")) return false;
        const auto end = text_.find_first_of("[]", 1);
        if (end == std::string_view::npos || text_[end] != ']') return false;
        const auto rest = trimmed(text_.substr(end + 1));
        if (rest.empty()) return false;
        text_ = rest;
        return true;
    }

    bool strip_enclosing() {
        if (!text_.starts_with("[fwd:") || !text_.ends_with(']')) return false;
        text_ = text_.substr(5, text_.size() - 6);
        reply_ = true;
        return true;
    }

    std::string_view text_;
    bool reply_ = false;
};

}  // namespace

std::string canonical_message_id(std::string_view value) {
    const std::string text = unfold(value);
    if (!text.starts_with('<')) return {};
    const auto end = text.find('>');
    if (end == std::string::npos) return {};
    if (end + 1 < text.size() && text[end + 1] != ' ') return {};
    return canonical(std::string_view(text).substr(1, end - 1));
}

std::vector<std::string> reference_ids(std::string_view references, std::string_view in_reply_to) {
    std::vector<std::string> ids = all_ids(references, std::string_view::npos);
    if (ids.empty()) return all_ids(in_reply_to, 1);
    if (ids.size() > max_references) ids.erase(ids.begin(), ids.end() - max_references);
    return ids;
}

BaseSubject base_subject(std::string_view subject) {
    if (subject.find('\0') != std::string_view::npos) return {};
    const std::string lower = lower_case(subject);
    std::string text;
    for (const char c : lower) {
        if (!is_blank(c)) {
            text += c;
        } else if (!text.ends_with(' ')) {
            text += ' ';
        }
    }
    return SubjectReader(text).read();
}

}  // namespace mox::mime
