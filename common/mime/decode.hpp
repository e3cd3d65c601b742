#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Transfer encodings (RFC 2045 section 6), decoded as bytes arrive, in bounded memory.
//
// mimetic's codecs decode and encode. Around them: what is lenient here and wrong there (mimetic.hpp lists it), and
// counting without decoding for the scanner. Both must agree.

namespace mox::mime {

enum class TransferEncoding : std::uint8_t {  // stored
    seven_bit = 0,
    eight_bit = 1,
    binary = 2,
    quoted_printable = 3,
    base64 = 4,
    unknown = 5,  // another name: the bytes stay as they are
};

// Any case; blanks and what follows a ";" are ignored; an empty name is seven_bit.
[[nodiscard]] TransferEncoding transfer_encoding(std::string_view name);
// "7bit", "8bit", "binary", "quoted-printable", "base64"; "7bit" for unknown.
[[nodiscard]] std::string_view to_string(TransferEncoding encoding);

// Decodes one part's body. Lenient: base64 skips whatever is not in its alphabet, padding ends a group and more may
// follow; in quoted-printable a "=" that starts no escape stays, blanks at line ends go, line ends stay as they are.
class TransferDecoder {
public:
    explicit TransferDecoder(TransferEncoding encoding) : encoding_(encoding) {}

    // Appends what `bytes` decode to; the last few may wait for more.
    void feed(std::string_view bytes, std::string& out);
    // Appends what still waits. Then only destruction is allowed.
    void finish(std::string& out);

private:
    void feed_base64(std::string_view bytes, std::string& out);

    TransferEncoding encoding_;
    std::string waiting_;  // base64: digits of an incomplete group; quoted-printable: what the next bytes decide
};

// Lines of 76 characters, each ended by CRLF; nothing for nothing.
[[nodiscard]] std::string encode_base64(std::string_view bytes);
// Line ends (LF, CRLF) become CRLF, a CR elsewhere is escaped; no line is longer than 76 characters. Blanks at line
// ends, "From " and a lone "." at the start of one are escaped too.
[[nodiscard]] std::string encode_quoted_printable(std::string_view text);

// Counts what TransferDecoder would give for base64 or quoted-printable, without giving it; other encodings count as
// they are. Bytes may arrive in pieces of any size.
class DecodedSize {
public:
    explicit DecodedSize(TransferEncoding encoding = TransferEncoding::seven_bit) : encoding_(encoding) {}

    void feed(std::string_view bytes);
    // Bytes so far, as if this were the end. Does not change the state.
    [[nodiscard]] std::uint64_t value() const;
    // base64 only: characters that are neither in the alphabet nor blanks, padding or line ends.
    [[nodiscard]] std::uint64_t junk() const { return junk_; }

private:
    void feed_base64(std::string_view bytes);

    TransferEncoding encoding_;
    std::uint64_t size_ = 0;
    std::uint64_t digits_ = 0;  // base64: of the group chain since the last padding
    std::uint64_t junk_ = 0;
    std::string waiting_;  // quoted-printable
};

}  // namespace mox::mime
