#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message_view.hpp"
#include "store/message_contents.hpp"

namespace mox::imap {

// Looks for texts in messages, decoded and whatever their case: in fields of headers, with encoded words read, and in
// parts of type text and messages inside, with transfer encoding and charset removed. Lines stay as they are, so a text
// that was wrapped is found in pieces only. HTML is searched as it is written and, of the first mime::max_html_bytes of
// a part, as people read it: with character references read, without tags, and not wrapped. Memory is bounded, whatever
// the size of a message. One thread at a time.
class TextSearch {
public:
    struct Wanted {
        enum class Where { anywhere, body, field } where = Where::anywhere;
        std::string field;   // lower case
        std::string folded;  // mime::folded()
    };
    explicit TextSearch(std::vector<Wanted> wanted);

    // One answer for each that is wanted, in their order; valid until the next call. Throws Error when the file cannot
    // be read.
    [[nodiscard]] std::span<const char> run(const store::MessageContents& contents, const mime::MessageView& message);

private:
    void look_at_fields(std::string_view header);
    void look_at_part_header(std::string_view header);
    void look_at_text(const mime::PartView& part);
    void look_at_decoded(std::string_view charset, bool is_end);
    void look_at_page();
    void look_for_all(bool in_body);
    [[nodiscard]] std::string_view bytes(std::uint64_t begin, std::uint64_t end, std::string& buffer) const;
    [[nodiscard]] bool all_found() const { return left_ == 0; }
    void found(std::size_t index);

    const std::vector<Wanted> wanted_;
    std::vector<std::string> letters_;  // of each, as mime::append_letters() has them
    bool only_fields_ = true;           // nothing else is wanted
    std::size_t overlap_ = 0;           // bytes in which the start of a text may lie
    const store::MessageContents* contents_ = nullptr;
    std::vector<char> found_;
    std::size_t left_ = 0;
    // Kept from message to message.
    std::string whole_;  // a message that is not large
    std::string piece_, decoded_, window_, field_;
    bool is_page_ = false;  // the part is HTML,
    std::string page_;      // this, as far as it is read
    std::string page_letters_;
};

}  // namespace mox::imap
