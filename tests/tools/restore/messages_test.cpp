#include <atomic>
#include <thread>

#include "fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

// Mail of one mailbox, or of all.
std::vector<Mail> mail_in(const datadir::Layout& layout, const std::string& account, const std::string& mailbox = {}) {
    auto found = mail_of(layout, account);
    if (!mailbox.empty()) std::erase_if(found, [&](const Mail& mail) { return mail.mailbox != mailbox; });
    return found;
}

std::vector<std::string> subjects(const std::vector<Mail>& mail) {
    std::vector<std::string> found;
    for (const auto& one : mail) {
        const auto start = one.contents.find("Subject: ") + 9;
        found.push_back(one.contents.substr(start, one.contents.find("\r\n", start) - start));
    }
    return found;
}

std::string state_of(const datadir::Layout& layout, const std::string& account) {
    auto opened = store::Account::open(layout, account);
    std::string state;
    for (const auto& row : dump_rows(opened.database(), {"account"})) state += row + "\n";
    for (const auto& file : files_below(layout.messages(account))) state += file + "\n";
    for (const auto& file : files_below(layout.tmp())) state += file + "\n";
    return state;
}

}  // namespace

TEST_CASE("a whole account comes back into an account that lost its mail", "[restore]") {
    const RestoreFixture fixture;
    const auto before = mail_in(fixture.live(), "alice");
    fs::remove_all(fixture.live().account("alice"));
    const auto missing = fixture.run_into("alice");
    CHECK(missing.exit_code == 10);
    CHECK_THAT(missing.err, Catch::Contains("--create-account"));
    CHECK_FALSE(status_of(fixture.live().account("alice")));

    const auto done = fixture.run_into("alice", {"--create-account"});
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    CHECK_THAT(done.out, Catch::StartsWith("restored 9 messages ("));
    CHECK(texts_of(mail_in(fixture.live(), "alice")) == texts_of(before));
    CHECK(findings_but_owner(fixture.live()) == Words{});

    auto account = store::Account::open(fixture.live(), "alice");
    db::Database& database = account.database();
    CHECK(store::find_special_use(database, store::SpecialUse::sent)->name == "Sent");
    CHECK(store::find_special_use(database, store::SpecialUse::junk)->name == "Junk");  // though it is empty
    CHECK(database.value<int>("SELECT count(*) FROM recipient") == 1);
    // The message that lay in two mailboxes is one again.
    CHECK(database.value<int>("SELECT count(*) FROM message") == 8);
    CHECK(database.value<int>("SELECT count(*) FROM delivery_dkim") == 2);
    const auto subscriptions = store::list_subscriptions(database);
    CHECK(std::ranges::count(subscriptions, "Groups/C++/Müll") == 1);
    CHECK(database.value<int>("SELECT count(DISTINCT thread_id) FROM message WHERE subject_base = 'plan'") == 1);
}

TEST_CASE("what is still there is not repeated unless asked for", "[restore]") {
    const RestoreFixture fixture;
    const auto before = texts_of(mail_in(fixture.live(), "alice"));
    const auto nothing = fixture.run_into("alice");
    CHECK(nothing.exit_code == 0);
    CHECK_THAT(nothing.out, Catch::StartsWith("restored 0 messages") && Catch::Contains("9 are there already"));
    CHECK(texts_of(mail_in(fixture.live(), "alice")) == before);

    fixture.expunge_all("alice", "Inbox");
    const auto done = fixture.run_into("alice");
    CHECK_THAT(done.out, Catch::StartsWith("restored 5 messages") && Catch::Contains("4 are there already"));
    CHECK(texts_of(mail_in(fixture.live(), "alice")) == before);
    const auto inbox = mail_in(fixture.live(), "alice", "Inbox");
    CHECK(inbox.front().uid > 6);  // new ones
    CHECK(inbox.front().id > 9);

    CHECK_THAT(fixture.run_into("alice", {"--duplicates"}).out, Catch::StartsWith("restored 9 messages"));
    CHECK(mail_in(fixture.live(), "alice").size() == 2 * before.size());
    CHECK(findings_but_owner(fixture.live()) == Words{});
}

TEST_CASE("single messages are chosen by what is known of them", "[restore]") {
    const RestoreFixture fixture;
    fixture.expunge_all("bob", "Inbox");
    struct Row {
        const char* name;
        const char* words;
        const char* subjects;  // each followed by a bar
    };
    static constexpr Row rows[] = {
        {"id", "--message 2", "Re: plan|Re: plan|"},  // in Archive and Inbox
        {"id in a mailbox", "--message 2 --mailbox inbox --into-mailbox Back/Again", "Re: plan|"},
        {"Message-ID", "--message <4@EXAMPLE> --into-mailbox Back/Again", "other|"},
        {"Message-ID without brackets", "--message 4@example --message 6@example --into-mailbox x", "nested|other|"},
        {"two mailboxes", "--mailbox Sent --mailbox Trash --into-mailbox x", "sent|moved|"},
        {"from, in any case", "--from <ANN@ --mailbox Sent", "sent|"},
        {"subject, in any case", "--subject FÄHR", "Fährplan|"},
        {"a day", "--since 2023-11-16 --until 2023-11-16", "Fährplan|"},
        {"until a moment", "--until 2023-11-14T22:13:20Z", "plan|"},
        {"since a moment", "--since 2023-11-16T03:00:00+01:00", "Fährplan|"},
        {"all conditions", "--subject plan --message 3", "Re: plan|"},
        {"nothing", "--subject no-such-text", ""},
    };
    const Row& row = rows[GENERATE(range(0, 12))];
    INFO(row.name);
    const auto dry = fixture.run_into("carol", {"--create-account", "-n"});
    CHECK(dry.exit_code == 0);
    CHECK_THAT(dry.out, Catch::StartsWith("would restore 9 messages"));
    CHECK_FALSE(status_of(fixture.live().account("carol")));
    const auto done = fixture.run_into("carol", fixture.words_of("--create-account " + std::string(row.words)));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    std::string found;
    for (const auto& subject : subjects(mail_in(fixture.live(), "carol"))) found += subject + "|";
    CHECK(found == row.subjects);
    if (found.empty()) CHECK_THAT(done.err, Catch::Contains("no message of the snapshot is selected"));
    CHECK(findings_but_owner(fixture.live()) == Words{});
}

TEST_CASE("everything can go into one mailbox, each message once", "[restore]") {
    const RestoreFixture fixture;
    const auto done = fixture.run_into("bob", {"--into-mailbox", "inbox"});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    // Bob's Inbox has messages with the contents of Alice's; what lay elsewhere comes in.
    CHECK_THAT(done.out, Catch::StartsWith("restored 4 messages") && Catch::Contains("mailbox 'Inbox'") &&
                             Catch::Contains("4 are there already"));
    CHECK(findings_but_owner(fixture.live()) == Words{});
}

TEST_CASE("a dry run of messages says what would happen and changes nothing", "[restore]") {
    const RestoreFixture fixture;
    fixture.expunge_all("alice", "Inbox");
    const auto before = state_of(fixture.live(), "alice");
    const auto done = fixture.run_into("alice", {"--dry-run", "--json"});
    CHECK(done.exit_code == 0);
    const auto summary = last_json(done.out);
    CHECK(summary["messages"] == 5);
    CHECK(summary["present"] == 4);
    CHECK(summary["dry_run"] == true);
    CHECK(state_of(fixture.live(), "alice") == before);
}

TEST_CASE("restored mail trains the junk filter again", "[restore]") {
    const RestoreFixture fixture;
    {
        auto account = store::Account::open(fixture.live(), "bob");
        store::Transaction tx(account);
        tx.set_trains(true);
        tx.commit();
    }
    REQUIRE(fixture.run_into("bob", {"--subject", "Fährplan"}).exit_code == 0);
    auto account = store::Account::open(fixture.live(), "bob");
    CHECK(account.database().value<int>("SELECT count(*) FROM training_log WHERE to_state = 1") == 1);
    account.close();
    CHECK(findings_but_owner(fixture.live()) == Words{});
}

TEST_CASE("a message file that is not what was recorded is named and left out", "[restore]") {
    struct Row {
        const char* name;
        void (*damage)(const fs::path&);
        const char* told;
        bool can_be_had;
    };
    static const Row rows[] = {
        {"other contents", [](const fs::path& file) { flip_byte(file, 60); }, "SHA-256 differs", true},
        {"shorter", [](const fs::path& file) { fs::resize_file(file, 20); }, "20 bytes instead of", true},
        {"missing", [](const fs::path& file) { fs::remove(file); }, "is missing", false},
        {"a folder", [](const fs::path& file) { fs::remove(file), fs::create_directory(file); }, "not a regular file",
         false},
    };
    const Row& row = rows[GENERATE(range(0, 4))];
    INFO(row.name);
    const RestoreFixture fixture;
    row.damage(fixture.snapshot() / "data/accounts/alice/msg/a/2");  // in Inbox and Archive
    fixture.expunge_all("alice", "Inbox");
    fixture.expunge_all("alice", "Archive");
    const auto done = fixture.run_into("alice");
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK_THAT(done.err, Catch::Contains("accounts/alice/msg/a/2'") && Catch::Contains(row.told));
    CHECK_THAT(done.out, Catch::StartsWith("restored 4 messages") && Catch::Contains("1 could not be restored"));
    CHECK(findings_but_owner(fixture.live()) == Words{});

    const auto again = fixture.run_into("alice", {"--damaged", "--json"});
    CHECK(again.exit_code == 3);
    CHECK(last_json(again.out)["messages"] == (row.can_be_had ? 2 : 0));
    CHECK(last_json(again.out)["damaged"] == (row.can_be_had ? 1 : 0));
    CHECK(findings_but_owner(fixture.live()) == Words{});  // as it is recorded now
}

TEST_CASE("a database that was altered is not trusted", "[restore]") {
    const RestoreFixture fixture;
    {
        db::Database database(fixture.snapshot() / "data/accounts/alice/index.db",
                              {.access = db::Access::read_write, .switch_to_wal = false});
        database.exec("UPDATE placement SET flags = 1");
    }
    const auto done = fixture.run_into("bob");
    CHECK(done.exit_code == 1);
    CHECK_THAT(done.err, Catch::Contains("other contents than the manifest says") && Catch::Contains("--damaged"));
    CHECK(fixture.run_into("bob", {"--damaged"}).exit_code == 3);
}

TEST_CASE("mox-restore refuses messages, accounts and dates that do not exist", "[restore]") {
    const RestoreFixture fixture;
    const auto before = state_of(fixture.live(), "alice");
    struct Row {
        const char* name;
        const char* words;  // "+": from alice into alice
        int exit_code;
        const char* error;
    };
    static constexpr Row rows[] = {
        {"account of the snapshot", "--data-dir @live --account eve --into alice", 10, "no account 'eve'"},
        {"account with a bad name", "--data-dir @live --account ../x --into alice", 10, "no account '../x'"},
        {"target account", "--data-dir @live --account alice --into eve", 10, "no account 'eve'"},
        {"bad new account", "--data-dir @live --account alice --into a/b --create-account", 2, "not a name"},
        {"data directory", "--data-dir @nowhere --account alice --into alice", 10, "no directory"},
        {"mailbox", "+ --mailbox Nope", 10, "no mailbox 'Nope'"},
        {"bad mailbox", "+ --into-mailbox /x", 2, "mailbox name '/x'"},
        {"id", "+ --message 77", 10, "no message '77'"},
        {"expunged id", "+ --message 5", 10, "no message '5'"},
        {"Message-ID", "+ --message 1@example --message x@y", 10, "no message 'x@y'"},
        {"not a date", "+ --since yesterday", 2, "--since: 'yesterday' is not a date"},
        {"no such day", "+ --until 2026-02-30", 2, "--until: '2026-02-30' is not a date"},
        {"dates in the wrong order", "+ --since 2026-02-02 --until 2026-02-01", 2, "later than --until"},
        {"no target", "--data-dir @live --account alice", 2, "--account needs --into"},
        {"a folder as well", "@dest --account alice --into alice", 2, "DEST has no meaning"},
        {"list with a target", "--list --account alice --into alice", 2, "--into has no meaning"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        const bool is_right = row.words[0] == '+';
        const auto done =
            is_right ? fixture.run_into("alice", fixture.words_of(row.words + 1)) : fixture.run_line(row.words);
        INFO(done.err);
        CHECK(done.exit_code == row.exit_code);
        CHECK_THAT(done.err, Catch::Contains(row.error));
    }
    CHECK(state_of(fixture.live(), "alice") == before);
    CHECK_FALSE(status_of(fixture.dest()));
}

TEST_CASE("an account that is locked stays as it is", "[restore]") {
    const RestoreFixture fixture;
    fixture.expunge_all("alice", "Inbox");
    auto account = store::Account::open(fixture.live(), "alice");
    {
        const store::Transaction tx(account);
        const auto done = fixture.run_into("alice", {"--lock-timeout", "0"});
        CHECK(done.exit_code == 11);
    }
    CHECK(mail_in(fixture.live(), "alice", "Inbox").empty());
    CHECK(findings_but_owner(fixture.live()) == Words{});
}

TEST_CASE("messages are restored beside writers of the account", "[restore]") {
    const RestoreFixture fixture;
    fixture.expunge_all("alice", "Inbox");
    std::atomic<bool> stop = false, begun = false;
    std::thread writer([&] {
        auto account = store::Account::open(fixture.live(), "alice");
        for (int i = 0; !stop; ++i) {
            const auto id = "w" + std::to_string(i) + "@example";
            const auto done = store::deliver(account, "Inbox", {.received = {.seconds = 1}},
                                             HealthyDirectory::message("written meanwhile", id));
            if (i % 2 == 1) {
                store::Transaction tx(account);
                (void)store::expunge(tx, done.mailbox, {{done.uid, done.uid}}, store::Expunge::all);
                tx.commit();
            }
            begun = true;
        }
        account.close();
    });
    while (!begun) std::this_thread::yield();
    int restored = 0;
    for (int i = 0; i < 3; ++i) {
        const auto done = fixture.run_into("alice", {"--duplicates"});
        INFO(done.err);
        CHECK(done.exit_code == 0);
        if (done.exit_code == 0) ++restored;
    }
    stop = true;
    writer.join();
    auto inbox = subjects(mail_in(fixture.live(), "alice", "Inbox"));
    std::erase(inbox, "written meanwhile");
    CHECK(inbox.size() == static_cast<std::size_t>(5 * restored));
    CHECK(findings_but_owner(fixture.live()) == Words{});
}

TEST_CASE("a snapshot tells what it holds", "[restore]") {
    const RestoreFixture fixture;
    const auto accounts = json_of(fixture.run({"--list", "--json"}).out, "account");
    REQUIRE(accounts.size() == 2);
    CHECK(accounts[0]["account"] == "alice");
    CHECK(accounts[0]["messages"] == 9);
    CHECK(accounts[0]["size_bytes"].get<int>() > 900);
    CHECK_THAT(fixture.run({"--list"}).out, Catch::StartsWith("alice: 9 messages, "));

    const auto mailboxes = json_of(fixture.run({"--list", "--json", "--account", "alice"}).out, "mailbox");
    REQUIRE(mailboxes.size() == 10);
    CHECK(mailboxes[0]["mailbox"] == "Archive");
    CHECK(mailboxes[0]["special_use"] == nlohmann::json::array({"archive"}));
    CHECK(mailboxes[5]["mailbox"] == "Inbox");
    CHECK(mailboxes[5]["messages"] == 5);

    const auto messages =
        json_of(fixture.run({"--list", "--json", "--account", "alice", "--mailbox", "Inbox"}).out, "message");
    REQUIRE(messages.size() == 5);
    CHECK(messages[3]["id"] == 4);
    CHECK(messages[3]["uid"] == 4);
    CHECK(messages[3]["from"] == "Ann <ann@example.org>");
    CHECK(messages[3]["subject"] == "other");
    CHECK(messages[3]["message_id"] == "4@example");
    CHECK(messages[3]["flags"] == nlohmann::json::array({"\\Flagged"}));
    CHECK(messages[3]["keywords"] == nlohmann::json::array({"todo", "work"}));
    CHECK(messages[3]["received"] == "2023-11-14T22:16:20Z");

    const auto found = fixture.run({"--list", "--account", "alice", "--subject", "nested"});
    CHECK_THAT(found.out, Catch::StartsWith("6 2023-11-14T22:18:20Z ") && Catch::Contains("'nested'"));

    // Of an account that cannot be read the others are told.
    fs::resize_file(fixture.snapshot() / "data/accounts/alice/index.db", 100);
    const auto damaged = fixture.run({"--list"});
    CHECK(damaged.exit_code == 3);
    CHECK_THAT(damaged.out, Catch::StartsWith("bob: "));
    CHECK_THAT(damaged.err, Catch::Contains("account 'alice'"));
}

TEST_CASE("looking at a snapshot leaves no trace in it", "[restore]") {
    const RestoreFixture fixture;
    const auto stamps = [&] {
        std::map<std::string, std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(fixture.snapshot())) {
            const auto status = status_of(entry.path()).value();
            found[entry.path()] = std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) +
                                  " " + std::to_string(status.st_size);
        }
        return found;
    };
    const auto before = stamps();
    CHECK(fixture.run({"--list", "--account", "alice", "--subject", "plan"}).exit_code == 0);
    CHECK(fixture.run_into("bob", {"--duplicates"}).exit_code == 0);
    CHECK(fixture.run({fixture.dest()}).exit_code == 0);
    CHECK(stamps() == before);
}
