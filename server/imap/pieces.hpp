#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "mime/decode.hpp"
#include "store/message_contents.hpp"

namespace mox::imap {

// An answer that is made of texts and of stretches of a message's file, told bit by bit, so that no message is ever in
// memory as a whole.
class Pieces {
public:
    using Contents = std::shared_ptr<const store::MessageContents>;

    [[nodiscard]] bool empty() const { return pieces_.empty(); }
    void add(std::string text);
    // The bytes from begin to end. NUL, which no literal may hold (RFC 9051 section 4.3), is told as 0x80.
    void add(Contents contents, std::uint64_t begin, std::uint64_t end);
    // What they decode to, without the first `skip` bytes, `size` bytes of it.
    void add_decoded(Contents contents, std::uint64_t begin, std::uint64_t end, mime::TransferEncoding encoding,
                     std::uint64_t skip, std::uint64_t size);
    // Moves to `out` until that holds `enough` bytes or nothing is left. Throws Error when a file cannot be read; what
    // was announced cannot be told then.
    void move_to(std::string& out, std::size_t enough);

private:
    struct Piece {
        std::string text;  // of a piece without contents
        Contents contents;
        std::uint64_t at = 0, end = 0;
        std::optional<mime::TransferDecoder> decoder;
        std::uint64_t skip = 0, left = 0;  // of what is decoded
    };
    static bool move_some(Piece& piece, std::string& out);
    static bool decode_some(Piece& piece, std::string_view bytes, std::string& out);

    std::deque<Piece> pieces_;
};

}  // namespace mox::imap
