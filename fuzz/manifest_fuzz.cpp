// A manifest is read or refused with a place; what is read comes back the same from its own text.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.hpp"
#include "snapshot/manifest.hpp"

namespace {

void check(std::string_view text) {
    mox::snapshot::Manifest manifest;
    try {
        manifest = mox::snapshot::parse_manifest(text);
    } catch (const mox::Error& error) {
        if (std::string_view(error.what()).find(": ") == std::string_view::npos) std::abort();
        return;
    }
    for (const auto& file : manifest.files)
        if (!mox::snapshot::path_problem(file.path).empty()) std::abort();
    if (!(mox::snapshot::parse_manifest(mox::snapshot::to_text(manifest)) == manifest)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check(text);
    // With its hash made right, so that what is inside is met: the input without its last two lines, if it has them.
    std::string body = text;
    if (const auto at = body.rfind("  \"manifest_sha256\""); at != std::string::npos) body.resize(at);
    check(body + mox::snapshot::manifest_trailer(body));
    return 0;
}
