#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.hpp"
#include "intake/source.hpp"

// Reads whole sources into memory, for tests.

namespace mox::intake {

struct Read {
    RawMessage raw;
    Metadata metadata;
    std::string stored;
};

inline Read convert_whole(RawMessage raw) {
    Read result{.raw = std::move(raw)};
    result.metadata = convert(result.raw, [&](std::span<const std::byte> piece) {
        if (piece.empty() || piece.size() > 65536) throw std::logic_error("piece of a wrong size");
        result.stored += as_text(piece);
    });
    return result;
}

inline std::vector<Read> read_all(MessageSource& source) {
    std::vector<Read> messages;
    while (auto raw = source.next()) messages.push_back(convert_whole(std::move(*raw)));
    return messages;
}

inline std::vector<std::string> texts(const std::vector<Warning>& warnings) {
    std::vector<std::string> result;
    for (const auto& warning : warnings) result.push_back(warning.text);
    return result;
}

// An mbox whose reads return at most `chunk` bytes.
inline std::unique_ptr<MessageSource> mbox_of(std::string text, std::size_t chunk = 1U << 20U) {
    auto at = std::make_shared<std::size_t>(0);
    return open_mbox(ByteInput{.name = "in.mbox", .read = [=, text = std::move(text)](std::span<std::byte> buffer) {
                                   const std::size_t count = std::min({chunk, buffer.size(), text.size() - *at});
                                   std::memcpy(buffer.data(), text.data() + *at, count);
                                   *at += count;
                                   return count;
                               }});
}

}  // namespace mox::intake
