#include "server/process/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>

#include "base/fd.hpp"

namespace mox::process {

Notifier::Notifier() {
    const char* const path = std::getenv("NOTIFY_SOCKET");
    if (path != nullptr && (*path == '/' || *path == '@')) path_ = path;
    ::unsetenv("NOTIFY_SOCKET");
}

void Notifier::reloading() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void Notifier::send(std::string_view state) const {
    sockaddr_un address{};
    if (path_.empty() || path_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::copy(path_.begin(), path_.end(), address.sun_path);
    if (path_.front() == '@') address.sun_path[0] = '\0';  // abstract
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd)
        (void)::sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                       size);
}

}  // namespace mox::process
