#pragma once

#include <sys/socket.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "server/net/address.hpp"

namespace mox::test {

// A blocking client.
class Client {
public:
    explicit Client(std::uint16_t port, const std::string& from = {}) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (!from.empty()) {
            const auto own = net::socket_address({from, 0});
            if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&own->storage), own->size) != 0)
                throw std::runtime_error("bind");
        }
        const auto address = net::socket_address({"127.0.0.1", port});
        if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address->storage), address->size) != 0)
            throw std::runtime_error("connect");
    }
    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) return;
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    // Up to a line feed, or the end.
    std::string line() {
        std::string out;
        for (char c = 0; c != '\n' && ::recv(fd_.get(), &c, 1, 0) == 1;) out += c;
        return out;
    }
    // All until the other side closes.
    std::string rest() {
        std::string out;
        std::array<char, 65'536> buffer{};
        for (;;) {
            const auto count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
            if (count <= 0) return out;
            out.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    [[nodiscard]] int fd() const { return fd_.get(); }
    void close() { fd_.reset(); }

private:
    UniqueFd fd_;
};

}  // namespace mox::test
