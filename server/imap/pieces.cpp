#include "server/imap/pieces.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace mox::imap {

namespace {

constexpr std::size_t bytes_at_once = 32'768;

}  // namespace

void Pieces::add(std::string text) {
    if (text.empty()) return;
    if (!pieces_.empty() && !pieces_.back().contents)
        pieces_.back().text += text;
    else
        pieces_.push_back({.text = std::move(text)});
}

void Pieces::add(Contents contents, std::uint64_t begin, std::uint64_t end) {
    if (begin < end) pieces_.push_back({.contents = std::move(contents), .at = begin, .end = end});
}

void Pieces::add_decoded(Contents contents, std::uint64_t begin, std::uint64_t end, mime::TransferEncoding encoding,
                         std::uint64_t skip, std::uint64_t size) {
    if (size == 0) return;
    pieces_.push_back({.contents = std::move(contents),
                       .at = begin,
                       .end = end,
                       .decoder = mime::TransferDecoder(encoding),
                       .skip = skip,
                       .left = size});
}

void Pieces::move_to(std::string& out, std::size_t enough) {
    while (!pieces_.empty() && out.size() < enough)
        if (!move_some(pieces_.front(), out)) pieces_.pop_front();
}

// False when nothing is left of it.
bool Pieces::move_some(Piece& piece, std::string& out) {
    if (!piece.contents) {
        out += piece.text;
        return false;
    }
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece.end - piece.at, bytes_at_once));
    const auto start = out.size();
    if (piece.decoder) {
        const std::string bytes = piece.contents->read(piece.at, piece.at + wanted);
        piece.at += wanted;
        return decode_some(piece, bytes, out);
    }
    out.resize(start + wanted);
    if (piece.contents->read(piece.at, std::span(out).subspan(start)) != wanted)
        throw Error(Errc::corrupt, "a message's file is shorter than it was", "run mox-verifydata");
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), '\0', '\x80');
    piece.at += wanted;
    return piece.at < piece.end;
}

bool Pieces::decode_some(Piece& piece, std::string_view bytes, std::string& out) {
    std::string decoded;
    piece.decoder->feed(bytes, decoded);
    if (piece.at == piece.end) piece.decoder->finish(decoded);
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(piece.skip, decoded.size()));
    piece.skip -= skipped;
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(piece.left, decoded.size() - skipped));
    out.append(decoded, skipped, taken);
    piece.left -= taken;
    if (piece.left > 0 && piece.at == piece.end)
        throw Error(Errc::corrupt, "a part decodes to less than its structure says", "run mox-verifydata");
    return piece.left > 0;
}

}  // namespace mox::imap
