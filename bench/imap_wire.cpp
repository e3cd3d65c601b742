#include "imap_wire.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/error.hpp"

namespace mox::bench {

namespace {

constexpr std::size_t buffer_bytes = 512U << 10U;

sockaddr_in address_of(const std::string& ip, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, ip.c_str(), &address.sin_addr) != 1) throw Error(Errc::usage, "no address: " + ip);
    return address;
}

// Of a line that ends with "{123}" or "~{123}".
std::optional<std::size_t> literal_at_end(std::string_view line) {
    if (line.empty() || line.back() != '}') return std::nullopt;
    const auto open = line.rfind('{');
    if (open == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    const char* const last = line.data() + line.size() - 1;
    const auto [end, error] = std::from_chars(line.data() + open + 1, last, size);
    return error == std::errc{} && end == last ? std::optional(size) : std::nullopt;
}

}  // namespace

ImapWire::ImapWire(std::uint16_t port, const std::string& source)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      buffer_(buffer_bytes) {
    if (!fd_) throw system_error(errno, "make", "a socket");
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!source.empty()) {
        ::setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        const auto from = address_of(source, 0);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
            throw system_error(errno, "bind to", source);
    }
    const auto to = address_of("127.0.0.1", port);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw system_error(errno, "connect to", "port " + std::to_string(port));
    const auto greeting = next_line();
    if (!greeting.starts_with("* OK")) throw Error(Errc::failed, "not greeted: " + std::string(greeting));
}

void ImapWire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error(errno, "send to", "the server");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

// Behind what there is, which moves to the front.
void ImapWire::receive() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    for (;;) {
        const auto count = ::recv(fd_.get(), buffer_.data() + end_, buffer_.size() - end_, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error(errno, "receive from", "the server");
        if (count == 0) throw Error(Errc::failed, "the server closed the connection");
        end_ += static_cast<std::size_t>(count);
        received_ += static_cast<std::size_t>(count);
        return;
    }
}

std::string_view ImapWire::next_line() {
    std::size_t searched = 0;
    for (;;) {
        const char* const start = buffer_.data() + begin_;
        const std::size_t size = end_ - begin_;
        if (const void* const found = std::memchr(start + searched, '\n', size - searched)) {
            std::string_view line(start, static_cast<std::size_t>(static_cast<const char*>(found) - start));
            begin_ += line.size() + 1;
            if (line.ends_with('\r')) line.remove_suffix(1);
            return line;
        }
        searched = size;
        receive();
    }
}

void ImapWire::pass_literal(std::size_t size, const Visit& visit) {
    std::string kept;
    while (size > 0) {
        if (begin_ == end_) receive();
        const std::size_t count = std::min(size, end_ - begin_);
        if (visit) kept.append(buffer_.data() + begin_, count);
        begin_ += count;
        size -= count;
    }
    if (visit) visit(kept);
}

std::string ImapWire::next_tag() {
    return "t" + std::to_string(++commands_) + " ";
}

ImapWire::Answer ImapWire::read_answer(std::string_view tag, const Visit& visit) {
    const std::size_t before = received_;
    Answer answer;
    for (;;) {
        auto line = next_line();
        if (line.starts_with(tag)) {
            if (!line.substr(tag.size()).starts_with("OK")) throw Error(Errc::failed, "refused: " + std::string(line));
            answer.bytes = received_ - before;
            return answer;
        }
        ++answer.untagged;
        if (line.starts_with("* SEARCH "))
            answer.found += static_cast<std::size_t>(std::count(line.begin() + 8, line.end(), ' '));
        while (const auto size = literal_at_end(line)) {
            pass_literal(*size, visit);
            line = next_line();
        }
    }
}

ImapWire::Answer ImapWire::command(std::string_view text, const Visit& visit) {
    const std::string tag = next_tag();
    send(std::string(tag).append(text).append("\r\n"));
    return read_answer(tag, visit);
}

ImapWire::Answer ImapWire::command_with_literal(std::string_view text, std::string_view literal) {
    const std::string tag = next_tag();
    std::string all = tag;
    all.append(text).append(" {").append(std::to_string(literal.size())).append("+}\r\n").append(literal);
    send(all.append("\r\n"));
    return read_answer(tag, {});
}

}  // namespace mox::bench
