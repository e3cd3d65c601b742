#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// Header fields of a message or a part (RFC 5322 section 2.2) and the text in them (RFC 2047).

namespace mox::mime {

// Of a longer header only this much is looked at; the rest still counts as header. See DefectKind::header_too_large.
inline constexpr std::size_t max_header_bytes = 1U << 20U;
// Fields looked at in one header. See DefectKind::too_many_fields.
inline constexpr std::size_t max_header_fields = 10'000;

// Views into the header given to FieldReader. Offsets count bytes from its start.
struct Field {
    std::string_view name;   // as written, without blanks before the colon
    std::string_view value;  // all between the colon and the last line end: still folded, undecoded, may hold any byte
    std::size_t offset = 0;  // of the name
    std::size_t size = 0;    // of the whole field with its last line end
};

// Reads the fields of a header one after the other, without copying. Lines end in CRLF or LF. Ends at the first empty
// line or at the end of the text. Lines that are no field are skipped and counted. The text must outlive the reader.
class FieldReader {
public:
    explicit FieldReader(std::string_view header) : header_(header) {}

    [[nodiscard]] std::optional<Field> next();

    // So far: lines that are neither field nor continuation, and where the first of them is.
    [[nodiscard]] std::size_t garbage_lines() const { return garbage_lines_; }
    [[nodiscard]] std::size_t first_garbage_offset() const { return first_garbage_offset_; }

private:
    std::size_t line_end(std::size_t from) const;
    void count_garbage(std::size_t offset);

    std::string_view header_;
    std::size_t position_ = 0;
    std::size_t garbage_lines_ = 0;
    std::size_t first_garbage_offset_ = 0;
};

// The value of the first field called `name` (any case) in a header; nullopt when there is none.
[[nodiscard]] std::optional<std::string_view> find_field(std::string_view header, std::string_view name);

// `value` on one line: line ends are removed where a blank follows (RFC 5322 section 2.2.3), blanks at both ends too.
[[nodiscard]] std::string unfold(std::string_view value);

// The position after the comment that starts with the "(" at `at`: comments nest; the end of the text when it is never
// closed.
[[nodiscard]] std::size_t comment_end(std::string_view text, std::size_t at);
// A structured field on one line: unfold(), guess_utf8(); NUL, CR and LF become blanks. Nothing else is decoded.
[[nodiscard]] std::string plain_value(std::string_view value);

// Encoded words (RFC 2047) of an unfolded text as UTF-8. Blanks between two of them vanish; characters that an encoder
// split over two words are put together; broken ones stay as they are. Other bytes: guess_utf8(). NUL, CR and LF
// become blanks. Always well-formed UTF-8.
[[nodiscard]] std::string decode_words(std::string_view text);

// The reverse, for those who can take ASCII only: the text itself when that is ASCII and holds no encoded word,
// otherwise all of it as encoded words of UTF-8, each of at most 75 characters, one blank between two. May stand for a
// display name.
[[nodiscard]] std::string encode_words(std::string_view utf8);

// An unstructured field (Subject) for people: unfolded and decoded.
[[nodiscard]] std::string text_value(std::string_view value);

}  // namespace mox::mime
