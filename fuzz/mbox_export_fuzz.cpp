// What is written as an mbox is read again byte for byte, however it is cut into pieces, with flags, keywords and date.

#include <cstring>
#include <string>

#include "base/encoding.hpp"
#include "intake/source.hpp"
#include "outlet/mbox_entry.hpp"
#include "require.hpp"

namespace {

using namespace mox;
using namespace mox::outlet;

using mox::fuzz::require;

// Takes numbers off the start of the input.
class Choices {
public:
    explicit Choices(std::string_view text) : text_(text) {}
    template <class Integer>
    Integer take() {
        Integer value = 0;
        const std::size_t count = std::min(sizeof(value), text_.size());
        if (count > 0) std::memcpy(&value, text_.data(), count);
        text_.remove_prefix(count);
        return value;
    }
    [[nodiscard]] std::string_view rest() const { return text_; }

private:
    std::string_view text_;
};

Message message_of(Choices& choices) {
    Message message{.id = 1, .uid = 1, .flags = model::Flags::from_bits(choices.take<std::uint16_t>() % 1024)};
    message.received = {.seconds = choices.take<std::int64_t>() / 100'000,
                        .nanoseconds = static_cast<std::int32_t>(choices.take<std::uint32_t>() % 1'000'000'000),
                        .offset_minutes = static_cast<std::int16_t>(choices.take<std::int16_t>() % 1441)};
    for (auto bits = choices.take<std::uint8_t>(); bits != 0; bits = static_cast<std::uint8_t>(bits >> 1U))
        message.keywords.push_back("k" + std::to_string(bits));
    message.keywords = model::normalised(message.keywords);
    return message;
}

Contents contents_of(std::string_view text, std::size_t chunk) {
    ContentsScanner scanner;
    scanner.feed(text);
    Contents contents{.line_ends = scanner.line_ends(), .open_end = scanner.open_end()};
    if (chunk == 0)
        contents.text = text;
    else
        contents.stream = [=](const Sink& sink) {
            for (std::size_t at = 0; at < text.size(); at += chunk) sink(text.substr(at, chunk));
        };
    return contents;
}

std::string written(const Message& message, std::string_view text, std::size_t chunk) {
    std::string mbox;
    const Contents contents = contents_of(text, chunk);
    for (int i = 0; i < 2; ++i) {
        MboxEntry entry(message, contents, mbox);
        for_each_run(contents, [&](std::string_view run, bool starts_line) { entry.text(run, starts_line); });
        entry.finish();
    }
    return mbox;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices({reinterpret_cast<const char*>(data), size});
    const Message message = message_of(choices);
    const std::string_view text = choices.rest();
    const std::string mbox = written(message, text, 0);
    require(written(message, text, 1) == mbox);
    require(written(message, text, 5) == mbox);

    std::size_t at = 0;
    const auto source = intake::open_mbox(intake::ByteInput{.name = "in", .read = [&](std::span<std::byte> buffer) {
                                                                const auto count =
                                                                    std::min(buffer.size(), mbox.size() - at);
                                                                if (count > 0)
                                                                    std::memcpy(buffer.data(), mbox.data() + at, count);
                                                                at += count;
                                                                return count;
                                                            }});
    for (int i = 0; i < 2; ++i) {
        const auto raw = source->next();
        require(raw.has_value());
        std::string stored;
        const auto metadata = intake::convert(*raw, [&](auto piece) { stored += as_text(piece); });
        require(stored == text && metadata.size_bytes == text.size());
        require(metadata.marks.flags == message.flags && metadata.marks.keywords == message.keywords);
        require(metadata.received == message.received);
        require(metadata.received->offset_minutes == message.received.offset_minutes);
    }
    require(!source->next());
    return 0;
}
