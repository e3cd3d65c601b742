#include "server/ctl/client.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "server/ctl/protocol.hpp"

namespace mox::ctl {

namespace {

void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) {
            check_interrupt();
            continue;
        }
        if (count <= 0) return;  // the server's answer may say why
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

// 0 at the end, also when the server was killed.
std::size_t receive(int fd, std::span<char> buffer) {
    for (;;) {
        const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) return 0;
        check_interrupt();
    }
}

}  // namespace

std::optional<Client> Client::connect(const datadir::Layout& layout) {
    const std::string path = layout.control_socket().string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return std::nullopt;  // no server could make it
    std::copy(path.begin(), path.end(), address.sun_path);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) throw system_error(errno, "open a socket");
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return Client(std::move(fd));
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR || errno == ENOTSOCK) return std::nullopt;
    const Error plain = system_error(errno, "connect to", path);
    throw Error(Errc::failed, plain.what(), errno == EACCES ? "only the server's user and root may do that" : "");
}

int Client::ask(const Request& request, const Answer& answer) {
    send_all(fd_.get(), encode(request));
    FrameReader reader;
    std::array<char, 16'384> buffer{};
    for (;;) {
        const auto frame = reader.next();
        if (!frame) {
            const std::size_t count = receive(fd_.get(), buffer);
            if (count == 0) throw Error(Errc::failed, "the server ended before it answered", "see its log");
            reader.feed({buffer.data(), count});
            continue;
        }
        switch (frame->kind) {
            case FrameKind::line:
                answer.line(frame->payload);
                break;
            case FrameKind::warning: {
                const auto [message, hint] = decode_warning(frame->payload);
                answer.warning(message, hint);
                break;
            }
            case FrameKind::error:
                throw decode_error(frame->payload);
            case FrameKind::exit:
                return decode_exit(frame->payload);
        }
    }
}

}  // namespace mox::ctl
