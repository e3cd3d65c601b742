#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/log/log.hpp"

// A protocol without its socket: bytes in, bytes out, and what shall happen next. Sessions are driven by a Connection
// (server/net/connection.hpp), and by transcripts and fuzzers in tests.

namespace mox::net {

// Where a job puts bytes that shall go out while it still works. Used on the job's thread.
class Channel {
public:
    virtual ~Channel() = default;
    // Waits while much is unsent. Throws Error{failed} when the connection is gone.
    virtual void send(std::string bytes) = 0;
};

// Work that blocks: databases, hashes of passwords. Runs on a worker thread, one after the other for equal strands;
// an empty strand waits for nobody. Must not throw anything but what Channel::send() threw.
struct Job {
    std::string strand;
    std::function<void(Channel&)> run;
};

enum class Next {
    read,               // feed() with what the peer sends
    work,               // run `job`, then resume(); nothing is read meanwhile
    wait,               // hold back for `delay`, then resume(); nothing is read meanwhile
    start_tls,          // a TLS handshake, then tls_started(); `output` is sent in plain text before
    start_compression,  // DEFLATE from now on in both directions, above TLS if there is any; `output` is sent without
    close,              // when `output` is sent
};

// What a session wants done. `output` is sent before anything else happens, so that a peer who does not read gets no
// more work done.
struct Reply {
    std::string output;
    Next next = Next::read;
    Job job = {};
    std::chrono::milliseconds delay{};
    std::string compressed = {};  // start_compression: what was fed already and is compressed, for feed() when inflated
};

// A TLS connection, once its handshake is done.
struct TlsState {
    std::string version, cipher;   // "TLSv1.3", "TLS_AES_256_GCM_SHA384"
    std::string server_name;       // SNI; empty: none
    std::string server_end_point;  // hash of our certificate, RFC 5929 section 4.1; empty: it has none
    std::string exporter;          // RFC 9266, 32 bytes; empty: this connection cannot have it
};

// Who is at the other end.
struct Peer {
    std::string ip;  // empty: a socket of this host
    std::uint16_t port = 0;
    std::optional<uid_t> user;  // of a socket of this host
    std::string local_ip;
    std::uint16_t local_port = 0;
    std::uint64_t connection_id = 0;  // unique in this process; the cid of log lines
};

// Lets a session come to word although its peer is silent: wake() follows. Any thread may call it at any time, also
// when the connection is gone.
using Waker = std::function<void()>;

enum class Farewell { shutting_down, idle, not_in_time, too_slow };

// One conversation. All functions are called one after the other, never two at a time; a job runs between the reply
// that asked for it and resume(), and may use the session. Nothing here throws for what the peer sent.
class Session {
public:
    virtual ~Session() = default;

    // The greeting. With TLS from the start, tls_started() came before.
    [[nodiscard]] virtual Reply start() = 0;
    // Bytes may stop anywhere. What the session cannot handle yet it keeps; what follows a Next other than `read` is
    // for after resume(), for Reply::compressed with start_compression, and for nobody after start_tls (RFC 3501
    // section 6.2.1: it may be an attacker's).
    [[nodiscard]] virtual Reply feed(std::string_view bytes) = 0;
    [[nodiscard]] virtual Reply resume() = 0;
    // Before start().
    virtual void attach(Waker /*waker*/) {}
    // After the waker was called, once for any number of calls, as soon as nothing but input is waited for.
    [[nodiscard]] virtual Reply wake() { return {}; }
    // Only after a Next::start_tls, or before start().
    virtual void tls_started(const TlsState& state) = 0;
    // What to say before the connection is closed for that reason.
    [[nodiscard]] virtual std::string farewell(Farewell why) = 0;
    // How long the peer may be silent.
    [[nodiscard]] virtual std::chrono::seconds patience() const = 0;
    // How much of the time since the connection began the session may still be as it is now, however much the peer
    // says: for peers who have not shown yet that they mean it. After that, Farewell::not_in_time.
    [[nodiscard]] virtual std::optional<std::chrono::seconds> time_limit() const { return std::nullopt; }
};

}  // namespace mox::net
