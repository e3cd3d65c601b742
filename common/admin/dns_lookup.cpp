#include "admin/dns_lookup.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "mime/domain.hpp"

namespace mox::admin {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int questions_worth = 4;

std::string lower_name(std::string_view name) {
    std::string out = ascii_lower(name);
    if (out.ends_with('.')) out.pop_back();
    return out;
}

// The value of one record of the kinds asked for; empty for others.
std::string value_of(const ns_msg& message, const ns_rr& record) {
    char text[NS_MAXDNAME] = {};
    const unsigned char* const data = ns_rr_rdata(record);
    const auto size = ns_rr_rdlen(record);
    const auto name_at = [&](std::size_t at) {
        const int length = ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + at, text, sizeof text);
        return length < 0 ? std::string() : lower_name(text);
    };
    switch (ns_rr_type(record)) {
        case ns_t_a:
            return size == 4 ? ::inet_ntop(AF_INET, data, text, sizeof text) : "";
        case ns_t_aaaa:
            return size == 16 ? ::inet_ntop(AF_INET6, data, text, sizeof text) : "";
        case ns_t_mx:
            return size > 2 ? name_at(2) : "";
        case ns_t_ptr:
            return name_at(0);
        default:
            return {};
    }
}

std::string reverse_name(const std::string& ip) {
    std::array<unsigned char, 16> bytes{};
    std::string name;
    if (::inet_pton(AF_INET, ip.c_str(), bytes.data()) == 1) {
        for (std::size_t i = 4; i-- > 0;) name += std::to_string(bytes[i]) + ".";
        return name + "in-addr.arpa";
    }
    if (::inet_pton(AF_INET6, ip.c_str(), bytes.data()) != 1) throw Error(Errc::usage, quote(ip) + " is no IP address");
    const std::string hex = to_hex(std::as_bytes(std::span(bytes)));
    for (std::size_t i = hex.size(); i-- > 0;) name += std::string(1, hex[i]) + ".";
    return name + "ip6.arpa";
}

std::string listed(const std::vector<std::string>& values) {
    std::string out;
    for (const auto& value : values) out += (out.empty() ? "" : ", ") + escaped(value);
    return out;
}

bool is_any_address(const std::string& ip) {
    return ip == "0.0.0.0" || ip == "::";
}

}  // namespace

#if defined(__linux__) && !defined(__GLIBC__)
// musl: one resolver for all, with limits of its own.
struct SystemDnsLookup::State {
    explicit State(std::chrono::seconds) {}
    int ask(const std::string& name, int type, std::span<unsigned char> answer) {
        const int size = ::res_query(name.c_str(), ns_c_in, type, answer.data(), static_cast<int>(answer.size()));
        why = size < 0 ? h_errno : 0;
        return size;
    }
    int why = 0;
    Clock::time_point end;
};
#else
struct SystemDnsLookup::State {
    explicit State(std::chrono::seconds patience) {
        if (::res_ninit(&resolver) != 0) throw Error(Errc::failed, "the system's resolver cannot be set up");
        resolver.retrans = static_cast<int>(patience.count());
        resolver.retry = 1;
        resolver.nscount = std::min(resolver.nscount, 1);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { ::res_nclose(&resolver); }
    int ask(const std::string& name, int type, std::span<unsigned char> answer) {
        const int size =
            ::res_nquery(&resolver, name.c_str(), ns_c_in, type, answer.data(), static_cast<int>(answer.size()));
        why = size < 0 ? resolver.res_h_errno : 0;
        return size;
    }
    struct __res_state resolver = {};
    int why = 0;  // of the last question without an answer
    Clock::time_point end;
};
#endif

SystemDnsLookup::SystemDnsLookup(std::chrono::seconds patience) : state_(std::make_unique<State>(patience)) {
    state_->end = Clock::now() + questions_worth * patience;
}

SystemDnsLookup::~SystemDnsLookup() = default;

DnsAnswer SystemDnsLookup::ask(const std::string& name, int type) {
    if (Clock::now() >= state_->end) return {};
    std::vector<unsigned char> answer(64U << 10U);
    const int size = state_->ask(name, type, answer);
    if (size < 0) {
        const bool is_none = state_->why == HOST_NOT_FOUND || state_->why == NO_DATA;
        return {.status = is_none ? DnsAnswer::Status::none : DnsAnswer::Status::failed, .values = {}};
    }
    ns_msg message;
    if (ns_initparse(answer.data(), std::min(size, static_cast<int>(answer.size())), &message) != 0) return {};
    DnsAnswer out{.status = DnsAnswer::Status::none, .values = {}};
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
        ns_rr record;
        if (ns_parserr(&message, ns_s_an, i, &record) != 0) break;
        if (auto value = value_of(message, record); !value.empty()) out.values.push_back(std::move(value));
    }
    std::ranges::sort(out.values);
    if (!out.values.empty()) out.status = DnsAnswer::Status::found;
    return out;
}

DnsAnswer SystemDnsLookup::addresses(const std::string& host) {
    DnsAnswer out = ask(mime::ascii_domain(host), ns_t_a);
    DnsAnswer v6 = ask(mime::ascii_domain(host), ns_t_aaaa);
    out.values.insert(out.values.end(), v6.values.begin(), v6.values.end());
    if (!out.values.empty())
        out.status = DnsAnswer::Status::found;
    else if (v6.status == DnsAnswer::Status::failed)
        out.status = DnsAnswer::Status::failed;
    return out;
}

DnsAnswer SystemDnsLookup::mail_exchangers(const std::string& domain) {
    return ask(mime::ascii_domain(domain), ns_t_mx);
}

DnsAnswer SystemDnsLookup::names(const std::string& ip) {
    return ask(reverse_name(ip), ns_t_ptr);
}

std::vector<std::string> dns_advice(const std::string& hostname, const std::string& domain,
                                    const std::vector<std::string>& ips, DnsLookup& dns) {
    std::vector<std::string> out;
    constexpr auto none = DnsAnswer::Status::none, failed = DnsAnswer::Status::failed;
    const std::string host = mime::ascii_domain(hostname);
    const auto found = dns.addresses(hostname);
    if (found.status == failed) return {"DNS does not answer, so that nothing was looked up"};
    if (found.status == none)
        out.push_back("host " + quote(hostname) + " has no address in DNS: add A and AAAA records");
    std::vector<std::string> own;
    for (const auto& ip : ips)
        if (!is_any_address(ip)) own.push_back(ip);
    if (own.empty()) own = found.values;  // behind NAT, say
    for (const auto& ip : found.values)
        if (std::ranges::find(own, ip) == own.end())
            out.push_back("host " + quote(hostname) + " has the address " + escaped(ip) +
                          " in DNS, which is not of this machine");
    for (const auto& ip : own) {
        const auto names = dns.names(ip);
        if (names.status != failed && std::ranges::find(names.values, host) == names.values.end())
            out.push_back("address " + escaped(ip) +
                          (names.values.empty() ? " has no reverse record (PTR)"
                                                : " leads back to " + listed(names.values) + ", not to the host") +
                          ": whoever gave you the address can set it; without it others take mail for spam");
    }
    const auto exchangers = dns.mail_exchangers(domain);
    if (exchangers.status == none) out.push_back("domain " + quote(domain) + " has no MX record yet");
    if (exchangers.status == DnsAnswer::Status::found &&
        std::ranges::find(exchangers.values, host) == exchangers.values.end())
        out.push_back("mail for " + quote(domain) + " goes to " + listed(exchangers.values) +
                      " now, until its MX record is changed");
    return out;
}

}  // namespace mox::admin
