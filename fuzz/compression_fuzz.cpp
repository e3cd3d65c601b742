// Whatever a peer sends is inflated alike however it arrives and is taken, never more than there is room for, and to an
// end or an error that stays. What we deflate, we inflate to the same.

#include <cstdlib>
#include <string>

#include "server/net/compression.hpp"

namespace {

using mox::net::Compression;
using Inflated = Compression::Inflated;

constexpr std::size_t enough = 1U << 20U;  // of a bomb

void require(bool condition) {
    if (!condition) std::abort();
}

struct Got {
    std::string text;
    Inflated result = Inflated::needs_more;
    friend bool operator==(const Got&, const Got&) = default;
};

Got inflate(Compression& compression, std::string_view bytes, std::size_t piece, std::size_t size) {
    Got got;
    std::string buffer(size, '\0');
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        compression.receive(bytes.substr(0, piece));
        for (;;) {
            const auto input = compression.inflate(buffer.data(), size);
            got.result = input.result;
            if (input.result != Inflated::some) break;
            require(0 < input.count && input.count <= size);
            got.text.append(buffer, 0, input.count);
            if (got.text.size() >= enough) break;
        }
        if (got.result != Inflated::needs_more) break;
    }
    got.text.resize(std::min(got.text.size(), enough));
    require((got.result == Inflated::damaged) == !compression.failure().empty());
    return got;
}

void check_inflating(std::string_view bytes) {
    Compression whole, single, some;
    const Got got = inflate(whole, bytes, bytes.size() + 1, 16'384);
    require(inflate(single, bytes, 1, 1) == got);
    require(inflate(some, bytes, 7, 1000) == got);
}

void check_deflating(std::string_view text) {
    Compression ours, theirs;
    std::string out;
    for (auto rest = text; !rest.empty();) {
        // Two outputs, the first of which ends anywhere.
        const auto first = rest.size() == text.size() ? rest.substr(0, rest.size() / 3 + 1) : rest;
        rest.remove_prefix(ours.deflate(first));
        out += ours.waiting();
        ours.sent(ours.waiting().size());
    }
    const Got got = inflate(theirs, out, out.size() + 1, 16'384);
    require(got.text == text.substr(0, enough) && (got.result == Inflated::needs_more || text.size() >= enough));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    check_inflating(input);
    check_deflating(input);
    return 0;
}
