#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "admin/domains.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

namespace mox::admin {

// What a new installation with one domain and one account is to be.
struct QuickstartPlan {
    std::filesystem::path directory;  // gets config/ and data/
    std::string account;              // name; also the part of its address before the @
    std::string domain;               // of its address; in Unicode
    std::string hostname;             // of the server; in Unicode
    std::string user;                 // that the server runs as; a name or a number
    std::vector<std::string> ips;     // to listen on
    // An existing certificate and its key, absolute paths; empty: one that is signed by itself is made.
    std::string cert_file, key_file;
    std::string account_password, admin_password;
};

// Splits an address into account and domain of a plan, and chooses the name of the host when there is none: "mail." and
// the domain. Throws Error{usage} for what is no address or no name.
void set_names(QuickstartPlan& plan, const std::string& address, const std::string& hostname);

// Addresses of this machine's interfaces for others to reach; when none of them is public, those that mean all.
[[nodiscard]] std::vector<std::string> addresses_to_listen_on();

// Makes configuration, keys, passwords and the data directory with the account. Throws Error{failed} naming a file that
// is there already: nothing is ever overwritten. Everything is in `made`, for the caller to keep; what is made passes
// config::validate(), or Error says why not.
[[nodiscard]] config::Config quickstart(const QuickstartPlan& plan, const Clock& clock, Random& random, NewFiles& made);

}  // namespace mox::admin
