#include <catch2/catch.hpp>
#include <random>

#include "fixture.hpp"
#include "outlet/folder_name.hpp"
#include "store/changes.hpp"
#include "support/corpus.hpp"
#include "support/pack.hpp"

using namespace mox;
using namespace mox::test;

namespace {

// An account in which everything is hard to export.
void fill(const ExportFixture& fixture) {
    std::mt19937 random(3);
    auto account = fixture.account_of("alice");
    const std::vector<std::string> texts{"",
                                         "\r\n",
                                         "a: b\r\n\r\nFrom here\r\n>From there\r\n\r\n",
                                         "no end",
                                         "bare\nLF\r\n",
                                         "CR\r\r\n\r\n",
                                         std::string("nul: \0\r\n\r\n\0", 11),
                                         "Status: RO\r\nX-Keywords: foreign\r\nX-Status: F\r\n\r\nx\r\n",
                                         "X-Mox-Export: 1 received=1\r\nX-Mox-Kept-Status: R\r\n\r\n",
                                         " blank first\r\n",
                                         "From: Ann <ann@example.org>\r\nSubject: hello\r\n\r\nhello\r\n"};
    int n = 0;
    for (const std::string mailbox : {"Inbox", "Lists/C++", "Lists/v1.2", "A & B/M\xc3\xbcll/50 %", "Inbox/cur"})
        for (const auto& text : texts) {
            store::NewMessage message{.received = {.seconds = 1'600'000'000 + static_cast<std::int64_t>(random() % 99),
                                                   .nanoseconds = n % 3 == 0 ? 123'456'789 : 0,
                                                   .offset_minutes = static_cast<std::int16_t>(n % 4 * 30 - 60)},
                                      .flags = model::Flags::from_bits(static_cast<std::uint32_t>(random() % 1024))};
            if (n % 2 == 0) message.keywords = {"all", "k" + std::to_string(10 + n % 40)};
            if (n % 5 == 0) message.keywords = {"junk", "x,y"};
            if (n % 6 == 0) message.prefix = "Received: by mx.example.org\r\nX-Added: yes\r\n";
            if (n % 7 == 0)
                message.delivery = store::Delivery{.mail_from = n % 2 == 0 ? "" : "bounce@lists.example.org"};
            (void)store::deliver(account, mailbox, message, text);
            ++n;
        }
    const std::string large = "Subject: large\r\n\r\n" + std::string(700'000, 'x') + "\r\nFrom x\r\n" +
                              std::string(700'000, 'y') + "\r\n>From y\r\n";
    (void)store::deliver(account, "Large", {.received = {.seconds = 1}}, large);
    (void)store::deliver(account, "Large", {.received = {.seconds = 2}}, large + "no end");
    (void)store::deliver(account, "Large", {.prefix = "X: y\r\n", .received = {.seconds = 3}}, "a: b\r\n");
    {
        store::Transaction tx(account);
        const auto id = [&](std::string_view of) { return store::find_mailbox(tx.database(), of).value().id; };
        (void)store::copy_messages(tx, id("Inbox"), {store::all_uids}, id("Lists/C++"));
        (void)store::expunge(tx, id("Lists/C++"), {{store::Uid{3}, store::Uid{4}}}, store::Expunge::all);
        store::unsubscribe(tx, "Lists/v1.2");
        store::subscribe(tx, "Not/There.yet");
        tx.commit();
    }
    account.close();
}

void check_tree(const ExportFixture& fixture, const std::string& format, outlet::Layout layout) {
    const auto names = fixture.mailboxes();
    std::size_t count = 0;
    for (const auto& name : names) {
        INFO(name);
        const auto path = fixture.out() / outlet::path_of_mailbox(name, layout);
        REQUIRE(status_of(path));
        fixture.import_back(format, path, "Back/" + name);
        const auto before = fixture.mail("alice", name), after = fixture.mail("bob", "Back/" + name);
        count += before.size();
        CHECK(before == after);
    }
    CHECK(count > 0);
    fixture.require_consistent();
}

std::string subscriptions_of(const ExportFixture& fixture, outlet::Layout layout) {
    auto account = fixture.account_of("alice");
    std::string text;
    for (const auto& name : store::list_subscriptions(account.database()))
        text += outlet::subscription_line(name, layout) + '\n';
    return text;
}

}  // namespace

TEST_CASE("an account that is exported as mboxes and imported is the same, in the same order", "[export]") {
    const ExportFixture fixture;
    fill(fixture);
    fixture.require_run({"mbox", "alice", fixture.out().string()});
    CHECK(read_file(fixture.out() / "subscriptions") == subscriptions_of(fixture, outlet::Layout::mbox_tree));
    check_tree(fixture, "mbox", outlet::Layout::mbox_tree);
}

TEST_CASE("an account that is exported as maildirs and imported is the same, in the same order", "[export]") {
    const ExportFixture fixture;
    fill(fixture);
    const bool nested = GENERATE(false, true);
    const auto layout = nested ? outlet::Layout::nested : outlet::Layout::maildirpp;
    fixture.require_run({"maildir", "alice", fixture.out().string(), "--layout", nested ? "nested" : "maildir++"});
    CHECK(read_file(fixture.out() / "subscriptions") == subscriptions_of(fixture, layout));
    check_tree(fixture, "maildir", layout);
}

TEST_CASE("an account that is exported as a whole and imported as a whole is the same, with its mailboxes' names",
          "[export]") {
    struct Row {
        std::vector<std::string> exported;
        std::string name, command;
        std::string packed = {};  // an archive of the export, made by another program
    };
    const std::vector<std::string> nested{"maildir", "--layout", "nested"};
    const auto row = GENERATE_COPY(values<Row>({{{"mbox"}, "out", "auto"},
                                                {{"mbox"}, "out", "archive", ".zip"},
                                                {{"maildir"}, "out", "auto"},
                                                {{"maildir"}, "out", "archive", ".tgz"},
                                                {nested, "out", "auto"},
                                                {nested, "out", "auto", ".tar.zst"},
                                                {{"archive"}, "out.tar", "archive"},
                                                {{"archive"}, "out.tar.zst", "auto"}}));
    INFO(row.exported.back() << ' ' << row.command << ' ' << row.packed);
    const ExportFixture fixture;
    fill(fixture);
    auto path = (fixture.folder() / row.name).string();
    auto words = row.exported;
    words.insert(words.begin() + 1, {"alice", path});
    fixture.require_run(words);
    if (!row.packed.empty()) {
        const std::string archive = path + row.packed;
        pack(archive, members_below(path, GENERATE("", "backup/alice/")));
        path = archive;
    }
    const auto done =
        cli::run_tool(importing::tool(), {"--data-dir", fixture.layout().root().string(), row.command, "bob", path});
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    CHECK(done.err.find("goes to mailbox") == std::string::npos);
    CHECK(fixture.mailboxes("bob") == fixture.mailboxes());
    for (const auto& name : fixture.mailboxes()) {
        INFO(name);
        CHECK(fixture.mail("alice", name) == fixture.mail("bob", name));
    }
    auto bob = fixture.account_of("bob");
    const auto subscribed = store::list_subscriptions(bob.database());
    CHECK(std::find(subscribed.begin(), subscribed.end(), "Lists/C++") != subscribed.end());
    CHECK(std::find(subscribed.begin(), subscribed.end(), "Lists/v1.2") == subscribed.end());
    bob.close();
    fixture.require_consistent();
}

TEST_CASE("dovecot-uidlist tells order and UIDs of a maildir", "[export]") {
    const ExportFixture fixture;
    fill(fixture);
    fixture.require_run({"maildir", "alice", "Lists/C++", fixture.out().string()});
    auto account = fixture.account_of("alice");
    const auto box = store::find_mailbox(account.database(), "Lists/C++").value();
    std::istringstream lines(read_file(fixture.out() / "dovecot-uidlist"));
    std::string line;
    std::getline(lines, line);
    CHECK(line == "3 V" + std::to_string(box.uidvalidity) + " N" + std::to_string(number(box.uidnext)));
    const auto files = files_below(fixture.out() / "cur");
    for (const auto& placement : store::list_placements(account.database(), box.id)) {
        REQUIRE(std::getline(lines, line));
        CHECK(line.starts_with(std::to_string(number(placement.uid)) + " :"));
        const std::string base = line.substr(line.find(':') + 1);
        CHECK(std::count_if(files.begin(), files.end(),
                            [&](const auto& file) { return file.starts_with(base + ":2,"); }) == 1);
    }
    CHECK_FALSE(std::getline(lines, line));
}

namespace {

void require_same(const std::vector<Exported>& before, const std::vector<Exported>& after) {
    REQUIRE(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
        INFO(i);
        REQUIRE(before[i] == after[i]);
    }
}

// Imports, exports, imports, and compares what the account has each time.
void check_corpus(const ExportFixture& fixture, const std::string& format, const fs::path& path, int number) {
    INFO(path);
    const std::string name = "Corpus " + std::to_string(number);
    REQUIRE(fixture.import(format, path, name).exit_code == 0);
    for (const std::string form : {"mbox", "maildir"}) {
        const auto out = fixture.folder() / (form + std::to_string(number));
        fixture.require_run({form, "alice", name, out.string()});
        fixture.import_back(form, out, name + ' ' + form);
        const auto before = fixture.mail("alice", name), after = fixture.mail("bob", name + ' ' + form);
        CHECK(before.size() > 0);
        require_same(before, after);
    }
}

}  // namespace

TEST_CASE("the mail made by hand is the same after an export and an import", "[export]") {
    const ExportFixture fixture;
    check_corpus(fixture, "mbox", fs::path(MOX_TESTDATA) / "mail" / "sample.mbox", 1);
    check_corpus(fixture, "maildir", fs::path(MOX_TESTDATA) / "mail" / "sample.maildir", 2);
    fixture.require_consistent();
}

TEST_CASE("the real mail is the same after an export and an import", "[export][corpus]") {
    const auto folder = real_mail();
    if (!folder) return;
    const ExportFixture fixture;
    check_corpus(fixture, "mbox", *folder / "ham.mbox", 1);
    check_corpus(fixture, "maildir", *folder / "spam.maildir", 2);
    fixture.require_consistent();
}
