#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.hpp"
#include "config/validation.hpp"
#include "datadir/layout.hpp"
#include "mime/charset.hpp"

namespace mox::config {

namespace {

using Path = sconf::Path;

// "@example.org" or an address in full; a bare localpart is the older form.
void validate_destination_name(Validation& v, const Path& at, const Account& account, const std::string& name) {
    if (name.find('@') == std::string::npos)
        v.warning(at, "destination " + quote(name) + " is only a localpart, which is deprecated",
                  "write " + quote(full_address(account, name)));
    const std::string address = full_address(account, name);
    std::string_view localpart, domain_name;
    if (!split_address(address, localpart, domain_name)) return v.error(at, quote(address) + " is no address");
    const auto& domains = v.config().domains.domains;
    const auto domain = domains.find(std::string(domain_name));
    if (domain == domains.end())
        return v.error(at, "the domain of " + quote(address) + " is not configured", "add it to Domains");
    for (const auto& separator : catchall_separators(domain->second))
        if (!separator.empty() && localpart.find(separator) != std::string_view::npos)
            v.error(at, "address " + quote(address) + " contains the catchall separator " + quote(separator),
                    "everything after it is cut off when mail arrives");
}

void validate_ruleset(Validation& v, const Path& at, const Ruleset& rules) {
    if (rules.smtp_mail_from_regexp.empty() && rules.msg_from_regexp.empty() && rules.verified_domain.empty() &&
        rules.headers_regexp.empty())
        v.error(at, "a ruleset without conditions",
                "give SMTPMailFromRegexp, MsgFromRegexp, VerifiedDomain or HeadersRegexp");
    v.regexp(at, "SMTPMailFromRegexp", rules.smtp_mail_from_regexp);
    v.regexp(at, "MsgFromRegexp", rules.msg_from_regexp);
    if (!rules.verified_domain.empty()) v.domain(at / "VerifiedDomain", rules.verified_domain);
    for (const auto& [name, value] : rules.headers_regexp) {
        const Path header = at / "HeadersRegexp";
        v.regexp(header, name, name);
        v.regexp(header, name, value);
        for (const auto& text : {name, value})
            if (mime::lower_case(text) != text)
                v.error(header / name, quote(text) + " has capital letters and never matches",
                        "headers are compared in lower case");
    }
    if (!rules.list_allow_domain.empty()) v.domain(at / "ListAllowDomain", rules.list_allow_domain);
    if (rules.is_forward && !rules.list_allow_domain.empty())
        v.error(at / "IsForward", "IsForward and ListAllowDomain cannot both be given");
    if (rules.is_forward && (rules.smtp_mail_from_regexp.empty() || rules.verified_domain.empty()))
        v.error(at / "IsForward", "IsForward needs SMTPMailFromRegexp and VerifiedDomain");
    if (!rules.accept_rejects_to_mailbox.empty())
        v.mailbox_but_inbox(at, "AcceptRejectsToMailbox", rules.accept_rejects_to_mailbox);
    v.mailbox(at / "Mailbox", rules.mailbox);
}

void validate_destination(Validation& v, const Path& at, const Destination& destination) {
    if (!destination.mailbox.empty()) v.mailbox(at / "Mailbox", destination.mailbox);
    for (std::size_t i = 0; i < destination.rulesets.size(); ++i)
        validate_ruleset(v, at / "Rulesets" / i, destination.rulesets[i]);
    const std::string& refusal = destination.smtp_error;
    if (!refusal.empty() && refusal != "421" && refusal != "550" && !refusal.starts_with("421 ") &&
        !refusal.starts_with("550 "))
        v.error(at / "SMTPError", "SMTPError " + quote(refusal) + " does not begin with 421 or 550");
    if (!refusal.empty() && !destination.message_auth_required_smtp_error.empty())
        v.error(at / "SMTPError", "SMTPError and MessageAuthRequiredSMTPError cannot both be given");
}

void validate_junk(Validation& v, const Path& at, const Account& account) {
    const Path flags = at / "AutomaticJunkFlags";
    v.regexp(flags, "JunkMailboxRegexp", account.automatic_junk_flags.junk_mailbox_regexp);
    v.regexp(flags, "NeutralMailboxRegexp", account.automatic_junk_flags.neutral_mailbox_regexp);
    v.regexp(flags, "NotJunkMailboxRegexp", account.automatic_junk_flags.not_junk_mailbox_regexp);
    if (!account.junk_filter) return;
    const JunkFilter& filter = *account.junk_filter;
    const Path here = at / "JunkFilter";
    const Path params = here / "Params";
    const auto outside = [](double value, double low, double high) { return !(value >= low && value <= high); };
    if (outside(filter.threshold, 0, 1)) v.error(here / "Threshold", "Threshold is not between 0 and 1");
    if (outside(filter.params.max_power, 0, 0.5)) v.error(params / "MaxPower", "MaxPower is not between 0 and 0.5");
    if (filter.params.top_words < 1) v.error(params / "TopWords", "TopWords is less than 1");
    if (outside(filter.params.ignore_words, 0, 0.5))
        v.error(params / "IgnoreWords", "IgnoreWords is not between 0 and 0.5");
    v.not_negative(params, "RareWords", filter.params.rare_words);
    if (!account.automatic_junk_flags.enabled)
        v.warning(here, "the account has a junk filter, but no AutomaticJunkFlags",
                  "without them the filter learns only from mail programs that set $Junk and $NotJunk");
}

void validate_webhooks(Validation& v, const Path& at, const Account& account) {
    if (account.outgoing_webhook) {
        v.http_url(at / "OutgoingWebhook", "URL", account.outgoing_webhook->url);
        const auto& events = account.outgoing_webhook->events;
        for (std::size_t i = 0; i < events.size(); ++i)
            v.one_of(
                at / "OutgoingWebhook" / "Events", std::to_string(i), events[i],
                {"delivered", "suppressed", "delayed", "failed", "relayed", "expanded", "canceled", "unrecognized"});
    }
    if (account.incoming_webhook) v.http_url(at / "IncomingWebhook", "URL", account.incoming_webhook->url);
    v.not_negative(at, "KeepRetiredMessagePeriod", account.keep_retired_message_period);
    v.not_negative(at, "KeepRetiredWebhookPeriod", account.keep_retired_webhook_period);
}

}  // namespace

void validate_account(Validation& v, const std::string& name, const Account& account) {
    const Path at{"Accounts", name};
    if (const auto problem = datadir::account_name_problem(name); !problem.empty())
        v.error(at, "account " + quote(name) + ": " + std::string(problem));
    if (!v.config().domains.domains.contains(account.domain))
        v.error(at / "Domain", "domain " + quote(account.domain) + " is not configured", "add it to Domains");
    for (const auto& [address, destination] : account.destinations) {
        const Path here = at / "Destinations" / address;
        validate_destination_name(v, here, account, address);
        validate_destination(v, here, destination);
    }
    const auto& logins = account.from_id_login_addresses;
    for (std::size_t i = 0; i < logins.size(); ++i)
        if (!account.destinations.contains(logins[i]))
            v.error(at / "FromIDLoginAddresses" / i, quote(logins[i]) + " is no destination of the account");
    validate_webhooks(v, at, account);
    v.not_negative(at / "SubjectPass", "Period", account.subject_pass.period);
    if (!account.rejects_mailbox.empty()) v.mailbox_but_inbox(at, "RejectsMailbox", account.rejects_mailbox);
    if (!account.introbox.empty()) v.mailbox_but_inbox(at, "Introbox", account.introbox);
    validate_junk(v, at, account);
    v.not_negative(at, "MaxOutgoingMessagesPerDay", account.max_outgoing_messages_per_day);
    v.not_negative(at, "MaxFirstTimeRecipientsPerDay", account.max_first_time_recipients_per_day);
    v.routes(at / "Routes", account.routes);
}

void validate_destinations(Validation& v) {
    const Domains& domains = v.config().domains;
    struct First {
        std::string account, address;
    };
    std::map<std::string, First> known;
    for (const auto& [name, domain] : domains.domains)
        for (const auto& [localpart, alias] : domain.aliases)
            known.try_emplace(canonical_address(domains, localpart + "@" + name), First{"", localpart + "@" + name});
    for (const auto& [name, account] : domains.accounts)
        for (const auto& [address, destination] : account.destinations) {
            const std::string full = full_address(account, address);
            const auto [found, is_first] = known.try_emplace(canonical_address(domains, full), First{name, full});
            if (is_first) continue;
            const First& first = found->second;
            v.error({"Accounts", name, "Destinations", address},
                    first.account.empty() ? fmt::format("address {} is an alias already", quote(full))
                                          : fmt::format("address {} is the same as {} of account {}", quote(full),
                                                        quote(first.address), quote(first.account)));
        }
}

}  // namespace mox::config
