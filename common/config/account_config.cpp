#include "config/account_config.hpp"

#include <array>

#include "config/sconf_fields.hpp"

namespace mox::config {

namespace {

using sconf::names_are_unique;
using sconf::optional;
using sconf::required;

constexpr std::array route_fields{
    optional<&Route::from_domain>(
        "FromDomain",
        "Domains of the envelope sender to match; one that starts with a dot matches subdomains too. Empty: any."),
    optional<&Route::to_domain>("ToDomain", "Domains of the recipient to match, in the same way."),
    optional<&Route::minimum_attempts>(
        "MinimumAttempts", "Match only after so many attempts to deliver, for example to fall back on a smarthost."),
    required<&Route::transport>("Transport", "Name of the transport in mox.conf to use."),
};
static_assert(names_are_unique(route_fields));

constexpr std::array outgoing_webhook_fields{
    required<&OutgoingWebhook::url>("URL", "Where events are sent with POST."),
    optional<&OutgoingWebhook::authorization>("Authorization", "Value of the Authorization header to send along."),
    optional<&OutgoingWebhook::events>("Events",
                                       "Which events to send: delivered, suppressed, delayed, failed, relayed, "
                                       "expanded, canceled, unrecognized. Default: all."),
};
static_assert(names_are_unique(outgoing_webhook_fields));

constexpr std::array incoming_webhook_fields{
    required<&IncomingWebhook::url>("URL", "Where arriving messages are announced with POST."),
    optional<&IncomingWebhook::authorization>("Authorization", "Value of the Authorization header to send along."),
};
static_assert(names_are_unique(incoming_webhook_fields));

constexpr std::array subject_pass_fields{
    required<&SubjectPass::period>("Period", "How long a token is good for, for example 12h."),
};

constexpr std::array junk_flags_fields{
    required<&AutomaticJunkFlags::enabled>(
        "Enabled",
        "Set the flags by name of mailbox, in lower case, trying the expressions in the order junk, neutral, not junk. "
        "When exactly two are given, the third stands for all other mailboxes."),
    optional<&AutomaticJunkFlags::junk_mailbox_regexp>(
        "JunkMailboxRegexp", "Mailboxes whose messages become junk, for example ^(junk|spam)."),
    optional<&AutomaticJunkFlags::neutral_mailbox_regexp>(
        "NeutralMailboxRegexp",
        "Mailboxes whose messages get neither flag, for example ^(inbox|neutral|postmaster|dmarc|tlsrpt|rejects)."),
    optional<&AutomaticJunkFlags::not_junk_mailbox_regexp>(
        "NotJunkMailboxRegexp", "Mailboxes whose messages become not junk. Empty for all that the others leave."),
};
static_assert(names_are_unique(junk_flags_fields));

constexpr std::array junk_params_fields{
    optional<&JunkFilterParams::onegrams>("Onegrams", "Learn single words."),
    optional<&JunkFilterParams::twograms>("Twograms", "Learn pairs of adjacent words."),
    optional<&JunkFilterParams::threegrams>("Threegrams", "Learn runs of three words."),
    required<&JunkFilterParams::max_power>(
        "MaxPower", "How close to 0 and 1 the probability of a single word may come, for example 0.01."),
    required<&JunkFilterParams::top_words>("TopWords",
                                           "How many of the strongest words on either side count, for example 10."),
    optional<&JunkFilterParams::ignore_words>(
        "IgnoreWords", "Leave out words whose probability is this close to one half, for example 0.1."),
    optional<&JunkFilterParams::rare_words>(
        "RareWords", "Up to so many occurrences a word counts as rare and weighs less, for example 2."),
};
static_assert(names_are_unique(junk_params_fields));

constexpr std::array junk_filter_fields{
    required<&JunkFilter::threshold>("Threshold",
                                     "From 0 to 1: messages with a higher probability of being spam are refused. A "
                                     "usual value is 0.95; a little chance is added at each delivery."),
    required<&JunkFilter::params>("Params",
                                  "How the filter learns and judges. With any of Onegrams, Twograms and Threegrams as "
                                  "in mox; without, as measured best, whatever the numbers."),
};
static_assert(names_are_unique(junk_filter_fields));

constexpr std::array ruleset_fields{
    optional<&Ruleset::smtp_mail_from_regexp>("SMTPMailFromRegexp",
                                              "Expression that must match a part of the envelope sender."),
    optional<&Ruleset::msg_from_regexp>("MsgFromRegexp",
                                        "Expression that must match a part of the address in the From header."),
    optional<&Ruleset::verified_domain>("VerifiedDomain",
                                        "Domain that SPF or DKIM must have verified; subdomains count."),
    optional<&Ruleset::headers_regexp>("HeadersRegexp",
                                       "Expressions for names of headers, each with one for the value; every pair must "
                                       "match a header, in lower case."),
    optional<&Ruleset::is_forward>(
        "IsForward",
        "The messages come through a forwarding server, which is then left out when senders are judged, and DMARC does "
        "not refuse them. Needs SMTPMailFromRegexp and VerifiedDomain."),
    optional<&Ruleset::list_allow_domain>(
        "ListAllowDomain",
        "Domain of a mailing list; when it is verified, messages are accepted without checks for spam."),
    optional<&Ruleset::accept_rejects_to_mailbox>("AcceptRejectsToMailbox",
                                                  "Accept what would be refused as spam, into this mailbox."),
    required<&Ruleset::mailbox>("Mailbox", "Mailbox for messages that match."),
    optional<&Ruleset::comment>("Comment", "Notes for people."),
};
static_assert(names_are_unique(ruleset_fields));

constexpr std::array destination_fields{
    optional<&Destination::mailbox>("Mailbox", "Mailbox for messages that no ruleset matches. Default: Inbox."),
    optional<&Destination::rulesets>("Rulesets", "Rules for other mailboxes; the first that matches wins."),
    optional<&Destination::smtp_error>(
        "SMTPError", "Refuse all mail for the address: 421 or 550, with a text after a space if you like."),
    optional<&Destination::message_auth_required_smtp_error>(
        "MessageAuthRequiredSMTPError",
        "Refuse mail whose From address neither SPF nor DKIM confirms, with this text."),
    optional<&Destination::full_name>("FullName", "Name for messages written with this address in the webmail."),
};
static_assert(names_are_unique(destination_fields));

constexpr std::array account_fields{
    optional<&Account::outgoing_webhook>("OutgoingWebhook", "Announces what becomes of sent messages."),
    optional<&Account::incoming_webhook>("IncomingWebhook", "Announces messages that arrive."),
    optional<&Account::from_id_login_addresses>(
        "FromIDLoginAddresses",
        "When one of these addresses logs in, its messages are sent from a unique address, so that bounces can be told "
        "apart. Needs a catchall separator."),
    optional<&Account::keep_retired_message_period>(
        "KeepRetiredMessagePeriod", "How long messages that left the queue are remembered, for example 168h."),
    optional<&Account::keep_retired_webhook_period>(
        "KeepRetiredWebhookPeriod", "How long webhook calls that left the queue are remembered, for example 168h."),
    optional<&Account::login_disabled>("LoginDisabled", "Refuse every login with this text. Mail still arrives."),
    required<&Account::domain>("Domain",
                               "Domain of the account, and of destinations that are only a localpart (deprecated)."),
    optional<&Account::description>("Description", "Notes for people."),
    optional<&Account::full_name>("FullName", "Name for messages written in the webmail."),
    optional<&Account::destinations>("Destinations",
                                     "Addresses of the account, for receiving and for logging in. An address without a "
                                     "localpart, such as @example.org, stands for all others of the domain."),
    optional<&Account::subject_pass>("SubjectPass",
                                     "Refuse messages that are perhaps spam with a token; sent again with the token in "
                                     "the subject they are accepted."),
    optional<&Account::quota_message_size>(
        "QuotaMessageSize", "Largest total size of messages in bytes. 0: the limit of mox.conf. Negative: none."),
    optional<&Account::rejects_mailbox>(
        "RejectsMailbox",
        "Mailbox that keeps copies of refused messages for some time, usually Rejects. Empty: none are kept."),
    optional<&Account::keep_rejects>("KeepRejects", "Never clean up the RejectsMailbox."),
    optional<&Account::introbox>("Introbox", "Mailbox for accepted messages from senders not met before."),
    optional<&Account::automatic_junk_flags>(
        "AutomaticJunkFlags",
        "Set $Junk and $NotJunk when messages are put into mailboxes, for mail programs that cannot."),
    optional<&Account::junk_filter>(
        "JunkFilter", "Judge messages by their words, learning from messages marked as junk and not junk."),
    optional<&Account::max_outgoing_messages_per_day>("MaxOutgoingMessagesPerDay",
                                                      "Messages sent in 24 hours. Default: 1000."),
    optional<&Account::max_first_time_recipients_per_day>(
        "MaxFirstTimeRecipientsPerDay", "Recipients written to for the first time in 24 hours. Default: 200."),
    optional<&Account::no_first_time_sender_delay>("NoFirstTimeSenderDelay",
                                                   "Accept the first message of a sender without the usual delay."),
    optional<&Account::no_custom_password>("NoCustomPassword",
                                           "Users cannot choose a password, only have one generated."),
    optional<&Account::imap_capabilities_disabled>("IMAPCapabilitiesDisabled",
                                                   "IMAP extensions to hide from this account's mail programs."),
    optional<&Account::routes>("Routes",
                               "Transports for outgoing messages; looked at before the domain's and the global ones."),
};
static_assert(names_are_unique(account_fields));

}  // namespace

Account new_account(std::string domain) {
    Account account;
    account.domain = std::move(domain);
    account.rejects_mailbox = "Rejects";
    account.subject_pass.period = std::chrono::hours(12);
    account.automatic_junk_flags = {true, "^(junk|spam)", "^(inbox|neutral|postmaster|dmarc|tlsrpt|rejects)", {}};
    // Without words, pairs and runs chosen it is our own method (docs/junk.md); the numbers are for whoever chooses
    // some.
    account.junk_filter = JunkFilter{
        .threshold = 0.95,
        .params = {.max_power = 0.01, .top_words = 10, .ignore_words = 0.1, .rare_words = 2},
    };
    return account;
}

std::string full_address(const Account& account, const std::string& destination) {
    return destination.find('@') == std::string::npos ? destination + "@" + account.domain : destination;
}

std::span<const sconf::Field> fields_of(const Route*) {
    return route_fields;
}
std::span<const sconf::Field> fields_of(const OutgoingWebhook*) {
    return outgoing_webhook_fields;
}
std::span<const sconf::Field> fields_of(const IncomingWebhook*) {
    return incoming_webhook_fields;
}
std::span<const sconf::Field> fields_of(const SubjectPass*) {
    return subject_pass_fields;
}
std::span<const sconf::Field> fields_of(const AutomaticJunkFlags*) {
    return junk_flags_fields;
}
std::span<const sconf::Field> fields_of(const JunkFilterParams*) {
    return junk_params_fields;
}
std::span<const sconf::Field> fields_of(const JunkFilter*) {
    return junk_filter_fields;
}
std::span<const sconf::Field> fields_of(const Ruleset*) {
    return ruleset_fields;
}
std::span<const sconf::Field> fields_of(const Destination*) {
    return destination_fields;
}
std::span<const sconf::Field> fields_of(const Account*) {
    return account_fields;
}

}  // namespace mox::config
