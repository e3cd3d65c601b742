#include "base/error.hpp"
#include "server/net/compression.hpp"
#include "server/net/connection.hpp"

// Of Connection: compression, between the session and the socket or TLS.

namespace mox::net {

void Connection::begin_compression(std::string_view received) {
    if (compression_) throw Error(Errc::failed, "compression was asked for where there is some already");
    compression_ = std::make_unique<Compression>();
    compression_->receive(received);
    log_.debug("compression");
    take({});
}

// One read at most: a peer may send much that inflates to nothing.
Connection::Transfer Connection::inflate_bytes() {
    auto input = compression_->inflate(loop_.scratch.data(), loop_.scratch.size());
    if (input.result == Compression::Inflated::needs_more) {
        const Transfer transfer = receive_bytes();
        if (transfer.result != TlsStream::Result::done) return transfer;
        compression_->receive({loop_.scratch.data(), transfer.count});
        input = compression_->inflate(loop_.scratch.data(), loop_.scratch.size());
    }
    switch (input.result) {
        case Compression::Inflated::some:
        case Compression::Inflated::needs_more:
            break;
        case Compression::Inflated::ended:
            return {TlsStream::Result::closed};
        case Compression::Inflated::damaged:
            return {TlsStream::Result::failed};
    }
    return {TlsStream::Result::done, input.count};
}

// Bytes count as sent when they are deflated: at most a piece of them is not really.
Connection::Transfer Connection::deflate_bytes(std::string_view bytes) {
    const std::size_t count = compression_->waiting().empty() ? compression_->deflate(bytes) : 0;
    if (compression_->waiting().empty()) return {TlsStream::Result::done, count};
    const auto [result, sent] = send_bytes(compression_->waiting());
    compression_->sent(sent);
    return {result, count};
}

}  // namespace mox::net
