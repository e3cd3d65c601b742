#include "tools/gentestdata/scenario.hpp"

#include <string>

#include "model/flags.hpp"
#include "queue/queue.hpp"
#include "reports/dmarc.hpp"
#include "reports/mta_sts.hpp"
#include "reports/tls.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/erase.hpp"
#include "store/mailbox.hpp"

namespace mox::gentestdata {

namespace {

using model::Flag;
using store::Account;
using store::Transaction;

constexpr std::string_view plain_message =
    "From: <other@remote.example>\r\nTo: <test1@mox.example>\r\nSubject: test\r\n\r\nthe message...\r\n";

std::string text_message(std::string_view from, std::string_view subject, std::string_view id,
                         std::string_view references = {}) {
    std::string text = "From: " + std::string(from) +
                       "\r\nTo: Test <test3@mox.example>\r\nSubject: " + std::string(subject) +
                       "\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <" + std::string(id) + ">\r\n";
    if (!references.empty()) text += "References: " + std::string(references) + "\r\n";
    return text + "\r\nA message about " + std::string(subject) + ".\r\n";
}

template <class Work>
void change(Account& account, Work&& work) {
    Transaction tx(account);
    work(tx);
    tx.commit();
}

store::MailboxId mailbox_id(Account& account, std::string_view name) {
    return store::find_mailbox(account.database(), name).value().id;
}

store::Delivery remote_delivery() {
    return {.remote_ip = "1.2.3.4",
            .remote_ip_masked1 = "1.2.3.4",
            .remote_ip_masked2 = "1.2.3.0",
            .remote_ip_masked3 = "1.2.0.0",
            .ehlo_domain = "other.example",
            .mail_from = "other@remote.example",
            .mail_from_localpart = "other",
            .mail_from_domain = "remote.example",
            .rcpt_to_localpart = "test1",
            .rcpt_to_domain = "mox.example",
            .msg_from_localpart = "other",
            .msg_from_domain = "remote.example",
            .msg_from_org_domain = "remote.example",
            .ehlo_validated = true,
            .mail_from_validated = true,
            .msg_from_validated = true,
            .ehlo_validation = store::Validation::strict,
            .mail_from_validation = store::Validation::pass,
            .msg_from_validation = store::Validation::strict,
            .dkim_domains = {"other.example"}};
}

Account new_account(const datadir::Layout& layout, std::string_view name, const Clock& clock) {
    return Account::create(layout, name, store::default_initial_mailboxes(), {.clock = &clock});
}

std::int64_t write_test1(const datadir::Layout& layout, const Clock& clock) {
    Account account = new_account(layout, "test1", clock);
    store::deliver(account, "Inbox", {.received = clock.now(), .delivery = remote_delivery()}, plain_message);
    account.close();
    return 1;
}

std::int64_t write_test2(const datadir::Layout& layout, const Clock& clock) {
    Account account = new_account(layout, "test2", clock);
    change(account, [](Transaction& tx) { tx.set_trains(true); });
    auto delivery = remote_delivery();
    delivery.remote_ip = "::1";
    delivery.remote_ip_masked1 = delivery.remote_ip_masked2 = delivery.remote_ip_masked3 = "::";
    delivery.rcpt_to_localpart = "\u2639";
    delivery.rcpt_to_domain = "\u263a.example";
    constexpr std::string_view contents =
        "From: <other@remote.example>\r\nTo: <\u2639@xn--74h.example>\r\nSubject: test\r\n\r\nthe message...\r\n";
    store::deliver(account, "Inbox", {.received = clock.now(), .delivery = delivery}, contents);
    store::deliver(account, "Sent",
                   {.prefix = "Extra: test\r\n", .received = clock.now(), .flags = Flag::seen | Flag::junk}, contents);
    account.close();
    return 2;
}

void deliver_conversation(Account& account, FixedClock& clock) {
    const auto deliver = [&](std::string_view mailbox, const std::string& contents, model::Flags flags = {},
                             model::Keywords keywords = {}) {
        clock.advance(std::chrono::seconds(60));
        return store::deliver(account, mailbox,
                              {.received = clock.now(), .flags = flags, .keywords = std::move(keywords)}, contents);
    };
    deliver("Inbox", text_message("Ann <ann@remote.example>", "The garden", "garden-1@remote.example"), Flag::seen,
            {"family", "todo"});
    deliver("Inbox",
            text_message("Ben <ben@remote.example>", "Re: The garden", "garden-2@remote.example",
                         "<garden-1@remote.example>"),
            Flag::answered, {"family"});
    deliver("Inbox", text_message("Ann <ann@remote.example>", "Re: The garden", "garden-3@remote.example",
                                  "<garden-1@remote.example> <garden-2@remote.example>"));
    deliver("Inbox", text_message("List <list@remote.example>", "Noise", "noise-1@remote.example"), Flag::flagged);
    change(account, [&](Transaction& tx) {
        tx.database().run("UPDATE placement SET muted = 1, modseq = ? WHERE mailbox_id = ? AND uid = 4", tx.modseq(),
                          mailbox_id(account, "Inbox"));
    });
    deliver("Inbox", text_message("List <list@remote.example>", "Re: Noise", "noise-2@remote.example",
                                  "<noise-1@remote.example>"));
    deliver("Inbox", text_message("Eve <eve@remote.example>", "Unwanted", "unwanted-1@remote.example"), Flag::deleted);
    deliver("Inbox", text_message("Eve <eve@remote.example>", "Also unwanted", "unwanted-2@remote.example"),
            Flag::deleted | Flag::seen);
    deliver("Projekte/Gr\u00fc\u00dfe/\u65e5\u672c\u8a9e",
            text_message("=?utf-8?q?J=C3=BCrgen?= <juergen@remote.example>",
                         "=?utf-8?b?R3LDvMOfZQ==?=", "utf8@remote.example"),
            {}, {"$label1", "work"});
    deliver("Junk", text_message("Shop <shop@spam.example>", "Buy now", "spam-1@spam.example"));
    deliver("Drafts", text_message("Test <test3@mox.example>", "Draft", "draft-1@mox.example"),
            Flag::draft | Flag::seen);
    deliver("Sent", text_message("Test <test3@mox.example>", "Hello", "sent-1@mox.example"), Flag::seen);
}

void make_changes(Account& account) {
    const auto inbox = mailbox_id(account, "Inbox");
    change(account,
           [&](Transaction& tx) { store::expunge(tx, inbox, {store::all_uids}, store::Expunge::only_deleted); });
    change(account, [&](Transaction& tx) {
        store::copy_messages(tx, inbox, {{store::Uid{1}, store::Uid{2}}}, mailbox_id(account, "Archive"));
    });
    change(account, [&](Transaction& tx) {
        store::create_mailbox(tx, "Later/This week", store::Subscribe::yes);
        store::move_messages(tx, inbox, {{store::Uid{3}, store::Uid{3}}}, mailbox_id(account, "Later/This week"));
        store::create_mailbox(tx, "Empty \u263a", store::Subscribe::no);
        store::create_mailbox(tx, "Gone", store::Subscribe::yes);
    });
    change(account, [](Transaction& tx) { store::delete_mailbox(tx, "Gone"); });
}

std::int64_t write_test3(const datadir::Layout& layout, FixedClock& clock) {
    Account account = new_account(layout, "test3", clock);
    deliver_conversation(account, clock);
    make_changes(account);
    store::deliver(account, "Rejects",
                   {.prefix = "X-Mox-Reason: junk-content\r\n",
                    .received = clock.now(),
                    .flags = Flag::seen,
                    .delivery = remote_delivery(),
                    .mailbox_destined = mailbox_id(account, "Inbox"),
                    .is_reject = true},
                   text_message("Carol <carol@remote.example>", "Perhaps not junk", "reject-1@remote.example"));
    store::erase_queued(account);
    const auto count = account.database().value<std::int64_t>("SELECT count(*) FROM placement").value();
    account.close();
    return count;
}

void write_queue(const datadir::Layout& layout, const Clock& clock) {
    queue::Queue queue(layout, {.access = db::Access::create}, clock);
    queue::NewMessage message;
    message.envelope.queued = clock.now();
    message.envelope.sender_account = "test0";
    message.envelope.sender = {"other", "other.example"};
    message.envelope.recipient = {"test0", "mox.example"};
    message.envelope.message_id = "test@localhost";
    message.envelope.subject = "test";
    message.pending.next_attempt = clock.now().seconds;
    queue.add(std::span(&message, 1), plain_message);
    queue.close();
}

void write_reports(const datadir::Layout& layout, const Clock& clock) {
    const db::OpenOptions options{.access = db::Access::create};
    auto dmarc = reports::open_dmarc_reports(layout, options);
    reports::add_dmarc_report(
        dmarc, {.domain = "mox.example",
                .from_domain = "google.com",
                .xml_name = "feedback",
                .org_name = "google.com",
                .email = "noreply-dmarc-support@google.com",
                .extra_contact_info = "https://support.google.com/a/answer/2466580",
                .report_id = "10051505501689795560",
                .period_begin = 1'596'412'800,
                .period_end = 1'596'499'199,
                .policy = {.domain = "mox.example",
                           .adkim = "r",
                           .aspf = "r",
                           .policy = "reject",
                           .subdomain_policy = "reject",
                           .percentage = 100},
                .records = {{.source_ip = "127.0.0.1",
                             .count = 1,
                             .disposition = "none",
                             .dkim = "pass",
                             .spf = "fail",
                             .header_from = "mox.example",
                             .dkim_results = {{.domain = "mox.example", .selector = "example", .result = "pass"}},
                             .spf_results = {{.domain = "mox.example", .result = "fail"}}}}});
    auto sts = reports::open_mta_sts(layout, options);
    const auto now = clock.now().seconds;
    reports::put_mta_sts_policy(
        sts, {.domain = "mox.example",
              .inserted = now,
              .valid_end = now + 1'296'000,
              .last_update = now,
              .last_use = now,
              .record_id = "123",
              .version = "STSv1",
              .mode = "testing",
              .mx = {"mx1.example.com", "mx2.example.com", "*.backup-example.com"},
              .max_age = 1'296'000,
              .policy_text = "version: STSv1\nmode: testing\nmx: mx1.example.com\nmx: mx2.example.com\n"
                             "mx: *.backup-example.com\nmax_age: 1296000\n"});
    auto tls = reports::open_tls_reports(layout, options);
    reports::add_tls_report(
        tls, {.domain = "mox.example",
              .from_domain = "company-x.example",
              .mail_from = "tlsrpt@mox.example",
              .organization_name = "Company-X",
              .period_begin = 1'459'468'800,
              .period_end = 1'459'555'199,
              .contact_info = "sts-reporting@company-x.example",
              .report_id = "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
              .policies = {{.type = "sts",
                            .policy_string = {"version: STSv1", "mode: testing", "mx: *.mail.company-y.example",
                                              "max_age: 86400"},
                            .domain = "company-y.example",
                            .mx_hosts = {"*.mail.company-y.example"},
                            .successes = 5326,
                            .failures = 303,
                            .failure_details = {{.result_type = "certificate-expired",
                                                 .sending_mta_ip = "2001:db8:abcd:0012::1",
                                                 .receiving_mx_hostname = "mx1.mail.company-y.example",
                                                 .failed_session_count = 100},
                                                {.result_type = "starttls-not-supported",
                                                 .sending_mta_ip = "2001:db8:abcd:0013::1",
                                                 .receiving_mx_hostname = "mx2.mail.company-y.example",
                                                 .receiving_ip = "203.0.113.56",
                                                 .failed_session_count = 200},
                                                {.result_type = "validation-failure",
                                                 .sending_mta_ip = "198.51.100.62",
                                                 .receiving_mx_hostname = "mx-backup.mail.company-y.example",
                                                 .receiving_ip = "203.0.113.58",
                                                 .failed_session_count = 3,
                                                 .failure_reason_code = "X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED"}}}}});
}

}  // namespace

std::int64_t write_scenario(const datadir::Layout& layout, FixedClock& clock) {
    write_reports(layout, clock);
    write_queue(layout, clock);
    new_account(layout, "test0", clock).close();
    std::int64_t messages = write_test1(layout, clock);
    messages += write_test2(layout, clock);
    messages += write_test3(layout, clock);
    return messages;
}

}  // namespace mox::gentestdata
