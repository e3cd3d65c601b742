#include "config/validation.hpp"

#include <arpa/inet.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "mime/domain.hpp"
#include "model/mailbox_name.hpp"
#include "model/regexp.hpp"

namespace mox::config {

namespace {

constexpr std::int64_t largest_file_bytes = 4U << 20U;

bool is_ip(const std::string& text) {
    unsigned char bytes[16];
    return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

std::string named(std::string_view field, std::string_view rest) {
    return std::string(field) + " " + std::string(rest);
}

}  // namespace

void Validation::error(const Path& at, std::string message, std::string hint) {
    found_.push_back({file_, {lines_.find(at), std::move(message), std::move(hint), sconf::Severity::error}});
}

void Validation::warning(const Path& at, std::string message, std::string hint) {
    found_.push_back({file_, {lines_.find(at), std::move(message), std::move(hint), sconf::Severity::warning}});
}

std::vector<FileProblem> Validation::take() {
    std::ranges::stable_sort(found_, {}, [](const FileProblem& found) { return found.problem.line; });
    return std::exchange(found_, {});
}

void Validation::domain(const Path& at, const std::string& name) {
    if (const std::string problem = mime::domain_problem(name); !problem.empty())
        error(at, "domain " + quote(name) + " " + problem);
}

void Validation::ip(const Path& at, const std::string& address) {
    if (!is_ip(address)) error(at, quote(address) + " is no IP address", "write 192.0.2.1 or 2001:db8::1");
}

void Validation::host(const Path& at, const std::string& name) {
    if (!is_ip(name)) domain(at, name);
}

void Validation::port(const Path& at, std::int64_t number) {
    if (number < 0 || number > 65'535)
        error(at / "Port", std::to_string(number) + " is no port",
              "ports go from 1 to 65535; leave it out for the usual one");
}

void Validation::not_negative(const Path& at, std::string_view field, std::int64_t number) {
    if (number < 0) error(at / field, named(field, "is negative"));
}

void Validation::not_negative(const Path& at, std::string_view field, Duration duration) {
    if (duration < Duration(0)) error(at / field, named(field, "is negative"));
}

void Validation::one_of(const Path& at, std::string_view field, const std::string& value,
                        const std::vector<std::string_view>& allowed) {
    if (std::ranges::find(allowed, value) != allowed.end()) return;
    std::string known;
    for (const auto name : allowed) known += (known.empty() ? "" : ", ") + std::string(name);
    error(at / field, named(field, "cannot be ") + quote(value), "known are " + known);
}

void Validation::http_url(const Path& at, std::string_view field, const std::string& url) {
    const std::string lower = ascii_lower(url);
    std::string_view rest = lower;
    if (rest.starts_with("https://"))
        rest.remove_prefix(8);
    else if (rest.starts_with("http://"))
        rest.remove_prefix(7);
    else
        rest = {};
    const auto end = rest.find_first_of("/?#");
    if (rest.substr(0, end).empty() || url.find_first_of(" \t") != std::string::npos)
        error(at / field, quote(url) + " is no URL", "it begins with https:// or http:// and a host");
}

void Validation::regexp(const Path& at, std::string_view field, const std::string& expression) {
    if (const std::string problem = model::regexp_problem(expression); !problem.empty())
        error(at / field, named(field, "is no regular expression: ") + problem, "the syntax is that of RE2");
}

void Validation::account(const Path& at, const std::string& name) {
    if (find_account(config_, name) != nullptr) return;
    error(at / "Account", "there is no account " + quote(name), "accounts are in domains.conf");
}

void Validation::mailbox(const Path& at, const std::string& name) {
    const std::string normalised = model::normalised_mailbox_name(name);
    if (normalised != name && !equal_ignoring_case(name, model::inbox_name))
        error(at, "mailbox " + quote(name) + " is not written in Unicode's composed form (NFC)",
              "write " + quote(normalised));
    else if (const auto problem = model::mailbox_name_problem(normalised); !problem.empty())
        error(at, "mailbox " + quote(name) + ": " + std::string(problem));
}

void Validation::mailbox_but_inbox(const Path& at, std::string_view field, const std::string& name) {
    if (equal_ignoring_case(name, model::inbox_name))
        error(at / field, named(field, "cannot be the Inbox"));
    else
        mailbox(at / field, name);
}

void Validation::readable_file(const Path& at, const std::string& file) {
    (void)contents(at, file);
}

std::optional<std::string> Validation::contents(const Path& at, const std::string& file) {
    if (file.empty()) {
        error(at, "the name of a file is missing");
        return std::nullopt;
    }
    if (!options_.check_files) return std::nullopt;
    const std::filesystem::path path = config_.paths.directory / file;
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0)
        error(at, "there is no file " + quote(path.native()), "relative names begin at the directory of mox.conf");
    else if (!S_ISREG(status.st_mode))
        error(at, quote(path.native()) + " is not a regular file");
    else if (::access(path.c_str(), R_OK) != 0)
        error(at, quote(path.native()) + " cannot be read");
    else if (status.st_size > largest_file_bytes)
        error(at, quote(path.native()) + " is too large to be a key or a certificate");
    else
        return read_file(path);
    return std::nullopt;
}

std::int64_t Validation::now() const {
    return options_.clock != nullptr ? options_.clock->now().seconds : SystemClock().now().seconds;
}

void Validation::routes(const Path& at, const std::vector<Route>& routes) {
    for (std::size_t i = 0; i < routes.size(); ++i) {
        const Path here = at / i;
        for (const auto& [field, domains] :
             {std::pair("FromDomain", &routes[i].from_domain), std::pair("ToDomain", &routes[i].to_domain)})
            for (std::size_t k = 0; k < domains->size(); ++k) {
                std::string name = (*domains)[k];
                if (name.starts_with('.')) name.erase(0, 1);
                domain(here / field / k, name);
            }
        not_negative(here, "MinimumAttempts", routes[i].minimum_attempts);
        if (!config_.settings.transports.contains(routes[i].transport))
            error(here / "Transport", "there is no transport " + quote(routes[i].transport),
                  "transports are in mox.conf");
    }
}

bool split_address(std::string_view address, std::string_view& localpart, std::string_view& domain) {
    const auto at = address.rfind('@');
    if (at == std::string_view::npos || at + 1 == address.size()) return false;
    localpart = address.substr(0, at);
    domain = address.substr(at + 1);
    return true;
}

std::vector<std::string> catchall_separators(const Domain& domain) {
    std::vector<std::string> all = domain.localpart_catchall_separators;
    if (!domain.localpart_catchall_separator.empty()) all.push_back(domain.localpart_catchall_separator);
    return all;
}

std::string canonical_address(const Domains& domains, std::string_view address) {
    std::string_view localpart, name;
    if (!split_address(address, localpart, name)) return std::string(address);
    const auto found = domains.domains.find(std::string(name));
    if (found == domains.domains.end()) return std::string(address);
    std::size_t end = localpart.size();
    for (const auto& separator : catchall_separators(found->second))
        if (const auto at = localpart.find(separator); at != std::string_view::npos && at > 0) end = std::min(end, at);
    localpart = localpart.substr(0, end);
    return (found->second.localpart_case_sensitive ? std::string(localpart) : ascii_lower(localpart)) + "@" +
           std::string(name);
}

}  // namespace mox::config
