// Part tree: offsets stay inside the message and are nested, the result does not depend on how the bytes were split,
// decode(encode(m)) gives m back, and the recorded size of a leaf is what decoding its body gives.

#include <cstdint>
#include <string_view>

#include "base/encoding.hpp"
#include "mime/decode.hpp"
#include "mime/scanner.hpp"
#include "require.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

mime::Message scan_in_pieces(std::string_view text, std::size_t piece) {
    mime::Scanner scanner;
    for (std::size_t at = 0; at < text.size(); at += piece) scanner.feed(text.substr(at, piece));
    return scanner.finish();
}

void check_part(const mime::Part& part, std::string_view text) {
    for (const auto& child : part.children) check_part(child, text);
    require(is_utf8(part.type) && is_utf8(part.subtype) && is_utf8(part.description) && is_utf8(part.content_id));
    for (const auto& parameter : part.parameters) require(is_utf8(parameter.name) && is_utf8(parameter.value));
    if (part.envelope) require(is_utf8(part.envelope->subject) && is_utf8(part.envelope->date));
    // Multiparts and messages ignore a transfer encoding.
    if (!part.children.empty() || part.is_multipart()) return;
    const auto body = text.substr(part.body_offset, part.body_size());
    std::string decoded;
    mime::TransferDecoder decoder(part.encoding);
    decoder.feed(body, decoded);
    decoder.finish(decoded);
    require(decoded.size() == part.decoded_size);
    std::string again;
    mime::TransferDecoder slow(part.encoding);
    for (const char c : body) slow.feed(std::string_view(&c, 1), again);
    slow.finish(again);
    require(again == decoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto message = mime::scan(text);
    require(mime::check_offsets(message, size).empty());
    for (const std::size_t piece : {1U, 2U, 7U}) require(scan_in_pieces(text, piece) == message);
    check_part(message.root, text);
    const auto decoded = mime::decode(mime::encode(message));
    require(decoded && *decoded == message);
    if (const auto any = mime::decode(text)) require(mime::decode(mime::encode(*any)) == any);
    return 0;
}
