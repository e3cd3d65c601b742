// Requests and answers of the control socket are read alike however their bytes arrive; what is read, written again is
// what was read.

#include <string>
#include <vector>

#include "require.hpp"
#include "server/ctl/protocol.hpp"

namespace {

using namespace mox;

using mox::fuzz::require;

struct Outcome {
    std::string request;  // encoded again
    bool refused = false;
    bool operator==(const Outcome&) const = default;
};

Outcome read_request(std::string_view input, std::size_t piece) {
    ctl::RequestReader reader;
    try {
        for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
            const auto request = reader.feed(input.substr(0, piece));
            if (request) return {.request = ctl::encode(*request)};
        }
    } catch (const Error&) {
        return {.refused = true};
    }
    return {};
}

std::vector<std::string> read_frames(std::string_view input, std::size_t piece) {
    std::vector<std::string> frames;
    ctl::FrameReader reader;
    try {
        for (; !input.empty(); input.remove_prefix(std::min(piece, input.size()))) {
            reader.feed(input.substr(0, piece));
            while (const auto frame = reader.next()) {
                frames.push_back(ctl::encode(frame->kind, frame->payload));
                if (frame->kind == ctl::FrameKind::error) (void)ctl::decode_error(frame->payload).what();
                if (frame->kind == ctl::FrameKind::warning) (void)ctl::decode_warning(frame->payload);
                if (frame->kind == ctl::FrameKind::exit) (void)ctl::decode_exit(frame->payload);
            }
        }
    } catch (const Error&) {
        frames.emplace_back("refused");
    }
    return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const Outcome whole = read_request(input, size + 1);
    // A request is over when it is complete; pieces do not see what comes after.
    const Outcome bytes = read_request(input, 1);
    if (!whole.refused) require(bytes == whole && (whole.request.empty() || read_request(whole.request, 7) == whole));
    const auto frames = read_frames(input, size + 1);
    require(read_frames(input, 1) == frames);
    require(read_frames(input, 5) == frames);
    return 0;
}
