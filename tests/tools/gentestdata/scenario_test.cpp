#include <unistd.h>

#include "base/clock.hpp"
#include "db/inspect.hpp"
#include "fixture.hpp"
#include "model/flags.hpp"
#include "queue/queue.hpp"
#include "reports/databases.hpp"

using namespace mox;
using namespace mox::test;

namespace {

// The fixed scenario, written once.
const datadir::Layout& scenario() {
    static const TempDir folder;
    static const datadir::Layout layout = [] {
        const auto done = generate(folder / "data");
        if (done.exit_code != 0) throw std::runtime_error(done.err);
        return datadir::open(folder / "data");
    }();
    return layout;
}

store::Account open_account(std::string_view name) {
    return store::Account::open(scenario(), name, {.access = db::Access::read_write});
}

struct Found {
    store::Placement placement;
    store::Message message;
    std::string contents;
};

std::vector<Found> messages_of(store::Account& account, std::string_view mailbox) {
    std::vector<Found> found;
    const auto id = store::find_mailbox(account.database(), mailbox).value().id;
    for (auto& placement : store::list_placements(account.database(), id)) {
        auto message = store::find_message(account.database(), placement.message).value();
        auto contents = store::read_contents(account.message_file(placement.message), message);
        found.push_back({std::move(placement), std::move(message), std::move(contents)});
    }
    return found;
}

std::vector<std::string> mailbox_counts(std::string_view name) {
    auto account = open_account(name);
    std::vector<std::string> found;
    for (const auto& mailbox : store::list_mailboxes(account.database()))
        found.push_back(mailbox.name + ' ' + std::to_string(messages_of(account, mailbox.name).size()));
    return found;
}

// The numbers of 9 or 10 digits in a text: what may be seconds since 1970.
std::vector<std::int64_t> long_numbers(std::string_view text) {
    std::vector<std::int64_t> found;
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        if (digits == 9 || digits == 10) found.push_back(std::stoll(std::string(text.substr(0, digits))));
        text.remove_prefix(std::min(digits + 1, text.size()));
    }
    return found;
}

int count(const fs::path& database, const std::string& sql) {
    return db::Database(database, {.access = db::Access::read_write}).value<int>(sql).value();
}

}  // namespace

TEST_CASE("the fixed scenario has four accounts with their mailboxes", "[gentestdata]") {
    using Names = std::vector<std::string>;
    CHECK(datadir::account_names(scenario()) == Names{"test0", "test1", "test2", "test3"});
    CHECK(mailbox_counts("test0") == Names{"Archive 0", "Drafts 0", "Inbox 0", "Junk 0", "Sent 0", "Trash 0"});
    CHECK_FALSE(directory_exists(scenario().messages("test0")));
    CHECK(mailbox_counts("test1") == Names{"Archive 0", "Drafts 0", "Inbox 1", "Junk 0", "Sent 0", "Trash 0"});
    CHECK(mailbox_counts("test2") == Names{"Archive 0", "Drafts 0", "Inbox 1", "Junk 0", "Sent 1", "Trash 0"});
    CHECK(mailbox_counts("test3") == Names{"Archive 2", "Drafts 1", "Empty \u263a 0", "Inbox 4", "Junk 1", "Later 0",
                                           "Later/This week 1", "Projekte 0", "Projekte/Gr\u00fc\u00dfe 0",
                                           "Projekte/Gr\u00fc\u00dfe/\u65e5\u672c\u8a9e 1", "Rejects 1", "Sent 1",
                                           "Trash 0"});
}

TEST_CASE("test1 has the message of the original", "[gentestdata]") {
    auto account = open_account("test1");
    const auto found = messages_of(account, "Inbox");
    REQUIRE(found.size() == 1);
    CHECK(number(found[0].placement.uid) == 1);
    CHECK(number(found[0].message.id) == 1);
    CHECK(found[0].message.size_bytes == 88);
    CHECK(found[0].message.thread.thread_id == 1);
    CHECK(found[0].placement.modseq == found[0].placement.createseq);
    CHECK(found[0].contents.ends_with("Subject: test\r\n\r\nthe message...\r\n"));
    CHECK(fs::file_size(scenario().messages("test1") / "a" / "1") == 88);
    const auto delivery = store::find_delivery(account.database(), found[0].message.id).value();
    CHECK(delivery.remote_ip == "1.2.3.4");
    CHECK(delivery.remote_ip_masked2 == "1.2.3.0");
    CHECK(delivery.dkim_domains == std::vector<std::string>{"other.example"});
}

TEST_CASE("test2 has an international domain, a prefix, and mail to train on", "[gentestdata]") {
    auto account = open_account("test2");
    const auto inbox = messages_of(account, "Inbox");
    const auto sent = messages_of(account, "Sent");
    REQUIRE(inbox.size() == 1);
    REQUIRE(sent.size() == 1);
    CHECK(inbox[0].message.size_bytes == 90);
    CHECK(store::find_delivery(account.database(), inbox[0].message.id).value().rcpt_to_domain == "\u263a.example");
    CHECK(sent[0].message.size_bytes == 103);
    CHECK(sent[0].message.prefix == "Extra: test\r\n");
    CHECK(fs::file_size(scenario().messages("test2") / "a" / "2") == 90);
    CHECK(sent[0].placement.flags == (model::Flag::seen | model::Flag::junk));
    CHECK(sent[0].placement.trained == store::Trained::as_junk);
    CHECK(number(sent[0].placement.modseq) == number(inbox[0].placement.modseq) + 1);
    CHECK(account.database().value<int>("SELECT count(*) FROM recipient WHERE domain = '\u263a.example'") == 1);
    CHECK(account.database().value<int>("SELECT count(*) FROM training_log") == 1);
}

TEST_CASE("test3 has the hard cases", "[gentestdata]") {
    auto account = open_account("test3");
    const auto inbox = messages_of(account, "Inbox");
    REQUIRE(inbox.size() == 4);
    CHECK(inbox[0].placement.keywords == model::Keywords{"family", "todo"});
    CHECK(inbox[1].message.thread.parent == inbox[0].message.id);
    CHECK(inbox[2].placement.muted);
    CHECK(inbox[3].placement.muted);
    CHECK(inbox[3].message.thread.thread_id == number(inbox[2].message.id));
    CHECK(store::find_mailbox(account.database(), "Inbox")->keywords == model::Keywords{"family", "todo"});
    CHECK(messages_of(account, "Archive")[0].message.id == inbox[0].message.id);
    CHECK(messages_of(account, "Later/This week")[0].message.thread.parent == inbox[1].message.id);
    CHECK(messages_of(account, "Junk")[0].placement.flags.has(model::Flag::junk));
    const auto rejected = messages_of(account, "Rejects");
    REQUIRE(rejected.size() == 1);
    CHECK(rejected[0].placement.is_reject);
    CHECK(rejected[0].placement.mailbox_destined == inbox[0].placement.mailbox);
    CHECK(account.database().value<int>("SELECT count(*) FROM tombstone") == 3);
    CHECK(account.database().value<int>("SELECT count(*) FROM mailbox WHERE expunged = 1 AND name = 'Gone'") == 1);
    CHECK(account.database().value<int>("SELECT count(*) FROM erase_queue") == 0);
    CHECK(account.database().value<int>("SELECT count(*) FROM subscription WHERE name LIKE 'Empty%'") == 0);
}

TEST_CASE("the fixed scenario has a queued message and one report of each kind", "[gentestdata]") {
    const auto& layout = scenario();
    CHECK(fs::file_size(layout.queue() / "a" / "1") == 88);
    CHECK(count(layout.queue_db(), "SELECT count(*) FROM pending") == 1);
    CHECK(count(layout.queue_db(), "SELECT count(*) FROM message WHERE sender_account = 'test0'") == 1);
    CHECK(count(layout.dmarc_reports_db(), "SELECT count(*) FROM report WHERE report_id = '10051505501689795560'") ==
          1);
    CHECK(count(layout.dmarc_reports_db(), "SELECT count(*) FROM record") == 1);
    CHECK(count(layout.tls_reports_db(), "SELECT count(*) FROM policy WHERE successes = 5326 AND failures = 303") == 1);
    CHECK(count(layout.mta_sts_db(), "SELECT count(*) FROM policy WHERE domain = 'mox.example'") == 1);
    CHECK(datadir::read_version(layout).has_value());
    CHECK(files_below(layout.tmp()).empty());
}

TEST_CASE("the fixed scenario is sound: seals, rows and files", "[gentestdata]") {
    std::vector<std::string> problems;
    const auto report = [&](const std::string& text) { problems.push_back(text); };
    for (const auto& path : files_below(scenario().root())) {
        if (!path.ends_with(".db")) continue;
        db::Database database(scenario().root() / path, {.access = db::Access::read_write});
        db::check_seals(database, 10, report);
        db::check_integrity(database, 10, report);
    }
    for (const auto& name : datadir::account_names(scenario())) {
        auto account = open_account(name);
        std::set<std::string> explained;
        for (const auto& [id] : account.database().rows<std::int64_t>("SELECT id FROM message"))
            explained.insert(datadir::message_path(id));
        if (files_below(scenario().messages(name)) != explained) report(name + ": files and rows differ");
        if (account.database().value<int>("SELECT count(*) FROM id_block") != 0) report(name + ": ids reserved");
    }
    CHECK(problems == std::vector<std::string>{});
}

TEST_CASE("the fixed scenario is the same every time, on every day, for every seed", "[gentestdata]") {
    const auto dump = logical_dump(scenario().root());
    REQUIRE(dump.size() > 100);
    const TempDir folder;
    REQUIRE(generate(folder / "again").exit_code == 0);
    CHECK(logical_dump(folder / "again") == dump);
    REQUIRE(generate(folder / "other", {"--seed", "2"}).exit_code == 0);
    CHECK(logical_dump(folder / "other") == dump);
    // Nothing near the present: neither of this year nor half of it, as UIDVALIDITY has it.
    const std::int64_t now = SystemClock().now().seconds;
    for (const auto& row : dump)
        for (const auto value : long_numbers(row)) {
            INFO(row);
            CHECK(std::abs(value - now) > 10 * 86'400);
            CHECK(std::abs(value - now / 2) > 5 * 86'400);
        }
}

TEST_CASE("everything generated belongs to its maker and is closed to others", "[gentestdata]") {
    for (const auto& entry : fs::recursive_directory_iterator(scenario().root())) {
        const auto status = status_of(entry.path()).value();
        INFO(entry.path());
        CHECK(status.st_uid == ::geteuid());
        CHECK((status.st_mode & 07) == 0);
        CHECK((status.st_mode & 0600) == 0600);
        CHECK(((status.st_mode & 0111) != 0) == entry.is_directory());
    }
}
