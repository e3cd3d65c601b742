// Transfer encodings: decoding does not depend on how the bytes were split, DecodedSize counts what decoding gives, and
// what was encoded decodes to itself, in lines that mail allows.

#include <cstdint>
#include <string>
#include <string_view>

#include "mime/decode.hpp"
#include "require.hpp"

namespace {

using namespace mox::mime;

using mox::fuzz::require;

std::string decoded(TransferEncoding encoding, std::string_view text, std::size_t piece) {
    std::string out;
    TransferDecoder decoder(encoding);
    DecodedSize size(encoding);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        decoder.feed(text.substr(at, piece), out);
        size.feed(text.substr(at, piece));
    }
    decoder.finish(out);
    require(out.size() == size.value());
    return out;
}

void check_lines(std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        const auto line = text.substr(0, end);
        require(line.size() <= 76 && line.find_first_of("\r\n") == std::string_view::npos);
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 2);
    }
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
        out += text[i];
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const auto encoding : {TransferEncoding::base64, TransferEncoding::quoted_printable}) {
        const std::string whole = decoded(encoding, text, text.size() + 1);
        for (const std::size_t piece : {1U, 3U, 61U}) require(decoded(encoding, text, piece) == whole);
    }
    const std::string base64 = encode_base64(text);
    check_lines(base64);
    require(decoded(TransferEncoding::base64, base64, base64.size() + 1) == text);
    const std::string quoted = encode_quoted_printable(text);
    check_lines(quoted);
    require(decoded(TransferEncoding::quoted_printable, quoted, quoted.size() + 1) == with_crlf(text));
    return 0;
}
