#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/sconf_schema.hpp"

// Accounts of domains.conf. What each field means stands in the tables of account_config.cpp. Regular expressions are
// kept as texts, in RE2's syntax.

namespace mox::config {

// Chooses a transport for an outgoing message; an empty list of domains matches all.
struct Route {
    std::vector<std::string> from_domain, to_domain;
    std::int64_t minimum_attempts = 0;
    std::string transport;
    bool operator==(const Route&) const = default;
};

struct OutgoingWebhook {
    std::string url, authorization;
    std::vector<std::string> events;
    bool operator==(const OutgoingWebhook&) const = default;
};

struct IncomingWebhook {
    std::string url, authorization;
    bool operator==(const IncomingWebhook&) const = default;
};

struct SubjectPass {
    Duration period{};  // 0: off
    bool operator==(const SubjectPass&) const = default;
};

// An empty expression counts as not configured.
struct AutomaticJunkFlags {
    bool enabled = false;
    std::string junk_mailbox_regexp, neutral_mailbox_regexp, not_junk_mailbox_regexp;
    bool operator==(const AutomaticJunkFlags&) const = default;
};

struct JunkFilterParams {
    bool onegrams = false, twograms = false, threegrams = false;
    double max_power = 0;
    std::int64_t top_words = 0;
    double ignore_words = 0;
    std::int64_t rare_words = 0;
    bool operator==(const JunkFilterParams&) const = default;
};

struct JunkFilter {
    double threshold = 0;
    JunkFilterParams params;
    bool operator==(const JunkFilter&) const = default;
};

struct Ruleset {
    std::string smtp_mail_from_regexp, msg_from_regexp, verified_domain;
    std::map<std::string, std::string> headers_regexp;
    bool is_forward = false;
    std::string list_allow_domain, accept_rejects_to_mailbox;
    std::string mailbox;
    std::string comment;
    bool operator==(const Ruleset&) const = default;
};

struct Destination {
    std::string mailbox;  // empty: Inbox
    std::vector<Ruleset> rulesets;
    std::string smtp_error, message_auth_required_smtp_error;
    std::string full_name;
    bool operator==(const Destination&) const = default;
};

struct Account {
    std::optional<OutgoingWebhook> outgoing_webhook;
    std::optional<IncomingWebhook> incoming_webhook;
    std::vector<std::string> from_id_login_addresses;
    Duration keep_retired_message_period{}, keep_retired_webhook_period{};
    std::string login_disabled;
    std::string domain;
    std::string description, full_name;
    // By full address, "@domain" for a whole domain, or (deprecated) a localpart of `domain`.
    std::map<std::string, Destination> destinations;
    SubjectPass subject_pass;
    std::int64_t quota_message_size = 0;  // bytes; 0: the global limit, negative: none
    std::string rejects_mailbox;          // empty: none
    bool keep_rejects = false;
    std::string introbox;
    AutomaticJunkFlags automatic_junk_flags;
    std::optional<JunkFilter> junk_filter;
    std::int64_t max_outgoing_messages_per_day = 0;      // 0: 1000
    std::int64_t max_first_time_recipients_per_day = 0;  // 0: 200
    bool no_first_time_sender_delay = false;
    bool no_custom_password = false;
    std::vector<std::string> imap_capabilities_disabled;
    std::vector<Route> routes;
    bool operator==(const Account&) const = default;
};

// What a new account starts with: a Rejects mailbox, automatic junk flags, a junk filter and a subject pass of 12 h.
[[nodiscard]] Account new_account(std::string domain);

// The destination's address in full: a bare localpart gets the account's domain.
[[nodiscard]] std::string full_address(const Account& account, const std::string& destination);

std::span<const sconf::Field> fields_of(const Route*);
std::span<const sconf::Field> fields_of(const OutgoingWebhook*);
std::span<const sconf::Field> fields_of(const IncomingWebhook*);
std::span<const sconf::Field> fields_of(const SubjectPass*);
std::span<const sconf::Field> fields_of(const AutomaticJunkFlags*);
std::span<const sconf::Field> fields_of(const JunkFilterParams*);
std::span<const sconf::Field> fields_of(const JunkFilter*);
std::span<const sconf::Field> fields_of(const Ruleset*);
std::span<const sconf::Field> fields_of(const Destination*);
std::span<const sconf::Field> fields_of(const Account*);

}  // namespace mox::config
