#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/net/session.hpp"

struct ssl_st;  // OpenSSL's SSL

namespace mox::net {

struct CertificateFiles {
    std::filesystem::path certificate, key;  // PEM; the certificate first, then its chain
};

struct TlsOptions {
    bool only_1_3 = false;  // otherwise TLS 1.2 too; older versions never
};

// The certificates of a listener, loaded and checked. Never changes: a reload makes a new one.
class TlsContext {
public:
    // Throws Error{failed} naming the file: unreadable, not PEM, a key with a password, a key of another certificate.
    // `files` is not empty; its first is for clients that name no host, or one that no certificate is for.
    [[nodiscard]] static std::shared_ptr<const TlsContext> load(const std::vector<CertificateFiles>& files,
                                                                const TlsOptions& options = {});
    ~TlsContext();

    // What is no error but needs looking after: certificates that have expired, each with its path.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

    struct Entry;
    [[nodiscard]] const std::vector<std::unique_ptr<Entry>>& entries() const { return entries_; }

private:
    TlsContext() = default;

    std::vector<std::unique_ptr<Entry>> entries_;
    std::vector<std::string> warnings_;
};

// What new connections of a listener use. Belongs to the loop's thread once the loop runs.
struct TlsSlot {
    std::shared_ptr<const TlsContext> current;  // null: no TLS
};

// One connection's TLS, directly on its non-blocking socket.
class TlsStream {
public:
    enum class Result { done, want_read, want_write, closed, failed };
    struct Transfer {
        Result result = Result::done;
        std::size_t count = 0;
    };

    TlsStream(std::shared_ptr<const TlsContext> context, int fd);

    // Before the handshake: the client gets nothing to resume a session with.
    void give_no_tickets();
    [[nodiscard]] Result handshake();
    [[nodiscard]] Transfer read(char* buffer, std::size_t size);
    // A retry must offer at least the same bytes.
    [[nodiscard]] Transfer write(std::string_view bytes);
    // Tells the peer that this was all; does not wait.
    void close_notify();
    // After the handshake.
    [[nodiscard]] TlsState state() const;
    // Why the last call failed, for the log.
    [[nodiscard]] const std::string& failure() const { return failure_; }

private:
    struct Free {
        void operator()(ssl_st* ssl) const;
    };
    [[nodiscard]] Result result_of(int returned);

    std::shared_ptr<const TlsContext> context_;
    std::unique_ptr<ssl_st, Free> ssl_;
    std::string failure_;
};

}  // namespace mox::net
