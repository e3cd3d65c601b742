// Passwords as PRECIS wants them. Properties: a result or a problem, never both; the result is UTF-8, without controls,
// and its own result.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/encoding.hpp"
#include "mime/precis.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto prepared = mox::mime::opaque_string(text);
    if (prepared.text.empty() == prepared.problem.empty()) std::abort();
    if (!mox::is_utf8(prepared.text)) std::abort();
    for (const char c : prepared.text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
    if (!prepared.text.empty() && mox::mime::opaque_string(prepared.text).text != prepared.text) std::abort();
    return 0;
}
