#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "server/ctl/commands.hpp"

// What goes over the control socket `ctl` of a data directory.
//
// The program that asks sends one request: the line "mox-ctl 1 LENGTH" LF and LENGTH bytes, which are the command and
// its arguments, each ended by a NUL. The server answers with frames: "KIND LENGTH" LF and LENGTH bytes. It closes the
// connection after a frame `exit` or `error`.

namespace mox::ctl {

inline constexpr std::size_t max_request_bytes = 1U << 20U;
inline constexpr std::size_t max_frame_bytes = 16U << 20U;

[[nodiscard]] std::string encode(const Request& request);

// The server's side of requests; bytes may stop anywhere.
class RequestReader {
public:
    // The request once it is complete, and then nothing more may be fed. Throws Error{failed} for what is no request,
    // as early as that can be told; memory is bounded by max_request_bytes.
    [[nodiscard]] std::optional<Request> feed(std::string_view bytes);

private:
    std::string buffer_;
    std::optional<std::size_t> length_;  // of the payload, once the first line is complete
};

enum class FrameKind { line, warning, error, exit };
struct Frame {
    FrameKind kind = FrameKind::line;
    // line: the result; warning: message NUL hint; error: code NUL message NUL hint; exit: the code in decimal.
    std::string payload;
};

[[nodiscard]] std::string encode(FrameKind kind, std::string_view payload);
[[nodiscard]] std::string encode_warning(std::string_view message, std::string_view hint);
[[nodiscard]] std::string encode_error(const Error& error);
[[nodiscard]] std::string encode_exit(int code);

// The other side; bytes may stop anywhere.
class FrameReader {
public:
    void feed(std::string_view bytes) { buffer_ += bytes; }
    // nullopt: more bytes are needed. Throws Error{failed} for what is no frame.
    [[nodiscard]] std::optional<Frame> next();

private:
    std::string buffer_;
};

// What the payloads say; Error{failed} when they are not in their form.
struct Warning {
    std::string message, hint;
};
[[nodiscard]] Warning decode_warning(std::string_view payload);
[[nodiscard]] Error decode_error(std::string_view payload);
[[nodiscard]] int decode_exit(std::string_view payload);

}  // namespace mox::ctl
