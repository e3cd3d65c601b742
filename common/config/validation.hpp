#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/validate.hpp"

// What the parts of validate() share.

namespace mox::config {

// Finds what is wrong in one of the two files. Paths lead to the part that is wrong.
class Validation {
public:
    using Path = sconf::Path;

    Validation(const Config& config, const std::filesystem::path& file, const sconf::Lines& lines,
               const ValidateOptions& options)
        : config_(config),
          file_(file),
          lines_(lines),
          options_(options) {}

    [[nodiscard]] const Config& config() const { return config_; }
    void error(const Path& at, std::string message, std::string hint = {});
    void warning(const Path& at, std::string message, std::string hint = {});
    [[nodiscard]] std::vector<FileProblem> take();  // sorted by line

    // Each of these reports what it finds. The name of what is looked at is the last part of `at`'s field.
    void domain(const Path& at, const std::string& name);
    void ip(const Path& at, const std::string& address);
    void host(const Path& at, const std::string& name);  // a domain or an address
    void port(const Path& at, std::int64_t number);      // 0: the usual one
    void not_negative(const Path& at, std::string_view field, std::int64_t number);
    void not_negative(const Path& at, std::string_view field, Duration duration);
    void one_of(const Path& at, std::string_view field, const std::string& value,
                const std::vector<std::string_view>& allowed);
    void http_url(const Path& at, std::string_view field, const std::string& url);
    void regexp(const Path& at, std::string_view field, const std::string& expression);  // empty: none
    void account(const Path& at, const std::string& name);
    void mailbox(const Path& at, const std::string& name);  // any existing or future one
    void mailbox_but_inbox(const Path& at, std::string_view field, const std::string& name);
    void readable_file(const Path& at, const std::string& file);  // relative to the directory of mox.conf
    // The same; the contents when there are any to look at.
    [[nodiscard]] std::optional<std::string> contents(const Path& at, const std::string& file);
    [[nodiscard]] std::int64_t now() const;  // Unix seconds
    void routes(const Path& at, const std::vector<Route>& routes);

private:
    const Config& config_;
    const std::filesystem::path& file_;
    const sconf::Lines& lines_;
    const ValidateOptions& options_;
    std::vector<FileProblem> found_;
};

// An address in the form that is unique for a mailbox: without what follows the catchall separator, in lower case
// unless the domain says otherwise. `localpart@domain` with a domain that is configured, or "@domain".
[[nodiscard]] std::string canonical_address(const Domains& domains, std::string_view address);
// All separators of a domain, whichever field has them.
[[nodiscard]] std::vector<std::string> catchall_separators(const Domain& domain);
// The two sides of the last "@"; an empty localpart for "@domain". False without "@" or domain.
[[nodiscard]] bool split_address(std::string_view address, std::string_view& localpart, std::string_view& domain);

void validate_static(Validation& v);
void validate_listener(Validation& v, const std::string& name, const Listener& listener);
// Ports that several services of several listeners want.
void validate_ports(Validation& v);
// Certificates and keys of a listener: that they are what they should be, belong together, are in force, and cover the
// names of `hosts`.
void validate_certificates(Validation& v, const sconf::Path& at, const ListenerTls& tls,
                           const std::set<std::string>& hosts);
void validate_dkim_key(Validation& v, const sconf::Path& at, const std::string& file);
void validate_domains(Validation& v);
void validate_account(Validation& v, const std::string& name, const Account& account);
// That no two destinations receive the same addresses.
void validate_destinations(Validation& v);
void validate_web(Validation& v);

}  // namespace mox::config
