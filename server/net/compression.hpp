#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace mox::net {

// DEFLATE (RFC 1951, as RFC 4978 has it for IMAP) between a session and its socket or TLS, in both directions.
//
// It takes 77 KiB: 38 KiB to deflate, with a window of 4 KiB, and 39 KiB to inflate, as a peer may use a window of
// 32 KiB. Beside that it keeps the bytes of one read that are not inflated yet, and what became of one piece of output.
// Both directions work in steps, so that bytes that inflate to a thousand times as many are inflated as they are taken.
//
// Not thread-safe. Throws std::bad_alloc.
class Compression {
public:
    // How much output is deflated at a time.
    static constexpr std::size_t piece_bytes = 16'384;

    Compression();
    ~Compression();
    Compression(const Compression&) = delete;
    Compression& operator=(const Compression&) = delete;

    // Bytes of the peer, to be inflated when all before them are.
    void receive(std::string_view bytes);
    enum class Inflated { some, needs_more, ended, damaged };
    struct Input {
        Inflated result = Inflated::needs_more;
        std::size_t count = 0;  // of bytes in the buffer, with `some`
    };
    // Up to `size` bytes, above 0, of what was received. needs_more: receive() first. ended: the peer has ended its
    // stream. After damaged only destruction makes sense.
    [[nodiscard]] Input inflate(char* buffer, std::size_t size);
    // What is damaged, for the log.
    [[nodiscard]] const std::string& failure() const { return failure_; }

    // Deflates the first piece of `text`, to waiting(), and returns its size. With the last one everything is flushed,
    // so that the peer can inflate all of it.
    [[nodiscard]] std::size_t deflate(std::string_view text);
    // What is to be sent; sent() takes it away.
    [[nodiscard]] std::string_view waiting() const { return std::string_view(deflated_).substr(sent_); }
    void sent(std::size_t count);

private:
    struct Streams;
    std::unique_ptr<Streams> streams_;
    std::string received_;           // what is not inflated yet,
    std::size_t taken_ = 0;          // from here on
    bool has_more_ = false;          // inflate() filled the buffer: perhaps more can be had without input
    Inflated end_ = Inflated::some;  // ended or damaged: what comes after the bytes that were had
    std::string deflated_;           // what is not sent yet,
    std::size_t sent_ = 0;           // from here on
    std::string failure_;
};

}  // namespace mox::net
