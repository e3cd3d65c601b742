#include "queue/message.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"

namespace mox::queue {

namespace {

constexpr std::int64_t year_2000 = 946'684'800;
constexpr std::int64_t year_2200 = 7'258'118'400;
constexpr std::int64_t clock_slack = 24 * 60 * 60;  // a corrected clock may put an attempt before the submission

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string_view literal_problem(std::string_view domain) {
    if (!domain.ends_with(']')) return "address literal without ']'";
    const std::string_view inner = domain.substr(1, domain.size() - 2);
    constexpr std::string_view v6 = "IPv6:";
    unsigned char parsed[16];
    const bool is_v6 = inner.size() > v6.size() && equal_ignoring_case(inner.substr(0, v6.size()), v6);
    const std::string ip(is_v6 ? inner.substr(v6.size()) : inner);
    if (ip.find('\0') != std::string::npos || ::inet_pton(is_v6 ? AF_INET6 : AF_INET, ip.c_str(), parsed) != 1)
        return "address literal without a valid address";
    return {};
}

std::string_view label_problem(std::string_view label) {
    if (label.empty()) return "domain with an empty label";
    if (label.front() == '-' || label.back() == '-') return "domain label with '-' at an end";
    bool ascii = true;
    for (const char c : label) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            ascii = false;
            continue;
        }
        if (c >= 'A' && c <= 'Z') return "domain not in lower case";
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-' && c != '_')
            return "domain with an invalid character";
    }
    return ascii && label.size() > 63 ? "domain label longer than 63 bytes" : "";
}

std::string_view domain_problem(std::string_view domain) {
    if (domain.empty()) return "no domain";
    if (domain.size() > 255) return "domain longer than 255 bytes";
    if (!is_utf8(domain)) return "domain not UTF-8";
    if (domain.front() == '[') return literal_problem(domain);
    for (;;) {
        const auto dot = domain.find('.');
        if (const auto problem = label_problem(domain.substr(0, dot)); !problem.empty()) return problem;
        if (dot == std::string_view::npos) return {};
        domain.remove_prefix(dot + 1);
    }
}

std::string time_problem(std::string_view what, std::int64_t seconds) {
    if (seconds >= year_2000 && seconds < year_2200) return {};
    return fmt::format("{} {} is not between the years 2000 and 2200", what, seconds);
}

std::string attempts_problem(const Message& message) {
    const auto& [attempts, last] = std::pair(message.attempts, message.last_attempt);
    if (attempts < 0 || message.envelope.max_attempts < 0) return "negative number of attempts";
    if (message.history.size() > static_cast<std::size_t>(attempts))
        return fmt::format("{} attempts, but results of {}", attempts, message.history.size());
    if (last && attempts == 0) return "no attempts, but a time of the last one";
    if (!last && attempts > 0) return "attempts, but no time of the last one";
    if (!last) return {};
    if (auto problem = time_problem("time of the last attempt", last->seconds); !problem.empty()) return problem;
    if (last->seconds < message.envelope.queued.seconds - clock_slack) return "last attempt long before it was queued";
    return {};
}

}  // namespace

std::string to_string(const Address& address) {
    return address.empty() ? std::string() : address.localpart + "@" + address.domain;
}

std::string_view address_problem(const Address& address) {
    if (address.localpart.empty()) return "no localpart";
    if (address.localpart.size() > 256) return "localpart longer than 256 bytes";
    if (!is_utf8(address.localpart)) return "localpart not UTF-8";
    if (has_control_character(address.localpart)) return "localpart with a control character";
    return domain_problem(address.domain);
}

std::string message_problem(const Message& message) {
    const Envelope& envelope = message.envelope;
    if (message.pending.has_value() == message.retired.has_value())
        return message.pending ? "both pending and retired" : "neither pending nor retired";
    if (!envelope.sender.empty())
        if (const auto problem = address_problem(envelope.sender); !problem.empty())
            return fmt::format("sender {}: {}", quote(to_string(envelope.sender)), problem);
    if (const auto problem = address_problem(envelope.recipient); !problem.empty())
        return fmt::format("recipient {}: {}", quote(to_string(envelope.recipient)), problem);
    if (message.size < 0) return "negative size";
    if (auto problem = time_problem("time of queueing", envelope.queued.seconds); !problem.empty()) return problem;
    if (message.pending) {
        if (auto problem = time_problem("time of the next attempt", message.pending->next_attempt); !problem.empty())
            return problem;
        if (message.size < static_cast<std::int64_t>(message.pending->prefix.size())) return "prefix larger than size";
    } else if (auto problem = time_problem("time of the last activity", message.retired->last_activity.seconds);
               !problem.empty()) {
        return problem;
    }
    return attempts_problem(message);
}

}  // namespace mox::queue
