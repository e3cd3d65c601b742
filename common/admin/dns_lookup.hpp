#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

// A few questions to DNS for advice to people. Mail that is delivered needs more than this.

namespace mox::admin {

struct DnsAnswer {
    enum class Status { found, none, failed };
    Status status = Status::failed;
    std::vector<std::string> values;  // sorted; names in ASCII, in lower case, without a dot at the end
};

class DnsLookup {
public:
    virtual ~DnsLookup() = default;
    [[nodiscard]] virtual DnsAnswer addresses(const std::string& host) = 0;          // A and AAAA
    [[nodiscard]] virtual DnsAnswer mail_exchangers(const std::string& domain) = 0;  // MX
    [[nodiscard]] virtual DnsAnswer names(const std::string& ip) = 0;                // PTR
};

// Asks the servers of the system's configuration. Each question ends after `patience` at most, all of them together
// after four times that: then they fail at once.
class SystemDnsLookup final : public DnsLookup {
public:
    explicit SystemDnsLookup(std::chrono::seconds patience = std::chrono::seconds(4));
    ~SystemDnsLookup() override;
    [[nodiscard]] DnsAnswer addresses(const std::string& host) override;
    [[nodiscard]] DnsAnswer mail_exchangers(const std::string& domain) override;
    [[nodiscard]] DnsAnswer names(const std::string& ip) override;

private:
    struct State;
    [[nodiscard]] DnsAnswer ask(const std::string& name, int type);
    std::unique_ptr<State> state_;
};

// What DNS says now that will not do for a server `hostname` with mail for `domain` at these addresses: sentences for
// people, with what to do; empty when all is well.
[[nodiscard]] std::vector<std::string> dns_advice(const std::string& hostname, const std::string& domain,
                                                  const std::vector<std::string>& ips, DnsLookup& dns);

}  // namespace mox::admin
