#include "server/imap/scanned.hpp"

#include "mime/scanner.hpp"

namespace mox::imap {

std::string scanned_structure(const store::MessageContents& contents) {
    mime::Scanner scanner;
    std::string bytes(65'536, '\0');
    std::uint64_t at = 0;
    while (const auto count = contents.read(at, bytes)) {
        scanner.feed(std::string_view(bytes).substr(0, count));
        at += count;
    }
    return mime::encode(scanner.finish());
}

}  // namespace mox::imap
