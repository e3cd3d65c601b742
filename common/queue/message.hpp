#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/hash.hpp"

// Messages of the outgoing queue: one message is one recipient of one submission.

namespace mox::queue {

using MessageId = std::int64_t;  // names the file; above 0, never used twice

// One end of an envelope. Both parts empty is the null sender "<>". The domain is lower-case Unicode, or an address
// literal: "[192.0.2.1]", "[IPv6:2001:db8::1]".
struct Address {
    std::string localpart;  // without quotes
    std::string domain;

    [[nodiscard]] bool empty() const { return localpart.empty() && domain.empty(); }
    friend bool operator==(const Address&, const Address&) = default;
};
// "localpart@domain", '' for the null sender.
[[nodiscard]] std::string to_string(const Address& address);

// RFC 8689: `no` is the header field "TLS-Required: No", `yes` the SMTP parameter REQUIRETLS.
enum class RequireTls { unspecified, no, yes };

// An attempt at delivery and what came of it.
struct Attempt {
    Timestamp started;
    std::chrono::nanoseconds duration{0};
    bool success = false;
    int code = 0;        // SMTP reply, 0 without
    std::string secode;  // enhanced status code without its class ("1.1"), empty without
    std::string error;   // empty for success
};

// What the submitter says; part of every message.
struct Envelope {
    MessageId base_id = 0;  // the first of several recipients of one submission, which may be gone; 0: there was one
    Timestamp queued;
    std::string sender_account;  // gets notifications of delay and failure
    Address sender;
    std::string from_id;  // unique id in the sender's localpart; empty without
    Address recipient;
    int max_attempts = 0;  // 0: the server's default
    bool has_8bit = false;
    bool smtputf8 = false;
    bool is_dmarc_report = false;
    bool is_tls_report = false;
    std::string message_id;  // canonical Message-ID
    std::string subject;
    std::string transport;  // name of a configured transport; empty: by the routes
    RequireTls require_tls = RequireTls::unspecified;
    std::string future_release_request;  // RFC 4865: "for;" or "until;" and its parameter; empty without
    std::map<std::string, std::string> extra;
};

// What a message has while attempts at delivery go on. Contents are `prefix` followed by the file.
struct Pending {
    std::string prefix;
    std::optional<std::string> dsn_utf8;  // other contents, for servers that know SMTPUTF8
    bool hold = false;                    // no attempts
    std::int64_t next_attempt = 0;        // Unix seconds
    Sha256Digest file_sha256{};           // of the file alone; set by Queue::add
};

// What is remembered of a message that is delivered or given up.
struct Retired {
    std::string recipient_address;
    bool success = false;  // delivered
    Timestamp last_activity;
    std::int64_t keep_until = 0;  // Unix seconds; then it may be removed
};

struct Message {
    MessageId id = 0;
    Envelope envelope;
    int attempts = 0;  // begun; may exceed history.size() when old ones are not known
    std::optional<Timestamp> last_attempt;
    std::int64_t size = 0;  // bytes of prefix and file
    std::vector<Attempt> history;
    std::map<std::string, std::vector<std::string>> dialed_ips;  // by host, in order of time
    std::optional<Pending> pending;                              // exactly one of the two
    std::optional<Retired> retired;
};

// A message to be queued. `envelope.base_id` is set by Queue::add. Attempts are for messages that come from another
// queue (conversion, restoring).
struct NewMessage {
    Envelope envelope;
    Pending pending;
    int attempts = 0;
    std::optional<Timestamp> last_attempt;
    std::vector<Attempt> history;
    std::map<std::string, std::vector<std::string>> dialed_ips;
};

// Why a message cannot be in the queue, for people; empty when it can (promise P13 of docs/data-directory.md, without
// the file): valid addresses (only the sender may be empty), times between the years 2000 and 2200, attempts that agree
// with the time of the last one, a part of it in exactly one state.
[[nodiscard]] std::string message_problem(const Message& message);
// Why `address` is none, for people; empty when it is valid: a localpart of 1 to 256 bytes of UTF-8 without control
// characters, and a domain of labels (RFC 5321 section 4.1.2, RFC 6531) or an address literal.
[[nodiscard]] std::string_view address_problem(const Address& address);

}  // namespace mox::queue
