#include "tools/retrain/retrain.hpp"

#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "cli/testing.hpp"
#include "fixture.hpp"

using namespace mox;
using model::Flag;
using test::mail;

namespace {

// Twenty letters and twenty advertisements, flagged, in an account that has never trained.
struct Trainable : test::Fixture {
    Trainable() {
        for (int i = 0; i < 20; ++i) {
            deliver("Inbox", mail("Lunch", "Shall we meet for lunch on day number" + std::string(1, char('a' + i))),
                    Flag::not_junk);
            deliver("Junk", mail("Cheap pills", "Buy cheap pills now" + std::string(1, char('a' + i))), Flag::junk);
        }
        deliver("Inbox", mail("Neither", "said nothing"));
        account.close();
    }
    cli::ToolRun run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--data-dir", layout.root().native()});
        return cli::run_tool(retrain::tool(), arguments);
    }
    junk::FilterDb filter() { return {layout.junk_filter_db("alice"), {.access = db::Access::read_only}}; }
};

}  // namespace

TEST_CASE("retrain makes a filter and sets the trained states", "[retrain]") {
    Trainable f;
    const auto run = f.run({"alice"});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("trained 20 junk and 20 ham of 1 account, "));
    CHECK(f.filter().totals() == junk::Counts{.ham = 20, .spam = 20});
    CHECK(f.account.database().value<int>("SELECT count(*) FROM placement WHERE trained <> 0") == 40);
    for (const auto& finding : test::findings_in(f.layout)) FAIL_CHECK(finding);
    const auto before = f.filter().word_count();
    CHECK(f.run({"--all", "--jobs", "2"}).exit_code == 0);
    CHECK(f.filter().word_count() == before);
}

TEST_CASE("retrain replaces a damaged filter", "[retrain]") {
    Trainable f;
    REQUIRE(f.run({"alice"}).exit_code == 0);
    const auto path = f.layout.junk_filter_db("alice");
    SECTION("missing") {
        std::filesystem::remove(path);
    }
    SECTION("truncated") {
        std::filesystem::resize_file(path, 5000);
    }
    SECTION("something else") {
        std::filesystem::remove(path);
        AtomicFile file(path);
        file.write("this is no database, and long enough to be one, or so it seems to whoever looks at its size alone");
        file.commit();
    }
    const auto run = f.run({"alice"});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(f.filter().totals() == junk::Counts{.ham = 20, .spam = 20});
    for (const auto& finding : test::findings_in(f.layout)) FAIL_CHECK(finding);
}

TEST_CASE("retrain can measure, rehearse and explain without changing anything", "[retrain]") {
    Trainable f;
    auto run = f.run({"--dry-run", "alice"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.starts_with("would train 20 junk and 20 ham of 1 account"));
    run = f.run({"--evaluate", "alice"});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK(run.out.find("threshold 0.95: 0 of 20 ham lost (0.00 %), 0 of 20 junk let through (0.00 %) (configured)\n") !=
          std::string::npos);
    CHECK(run.out.find("judged 20 junk and 20 ham of 1 account") != std::string::npos);
    CHECK_FALSE(status_of(f.layout.junk_filter_db("alice")));

    REQUIRE(f.run({"alice"}).exit_code == 0);
    AtomicFile file(f.dir / "new.eml");
    file.write(mail("Cheap", "cheap pills"));
    file.commit();
    run = f.run({"--explain", (f.dir / "new.eml").native(), "alice"});
    CHECK(run.exit_code == 0);
    CHECK(run.out.find("'cheap pills': in 20 junk and 0 ham\n") != std::string::npos);
    CHECK(run.out.find(": junk\n") != std::string::npos);
}

TEST_CASE("retrain refuses what makes no sense", "[retrain]") {
    Trainable f;
    CHECK(f.run({}).exit_code == 2);
    CHECK(f.run({"--all", "alice"}).exit_code == 2);
    CHECK(f.run({"--evaluate", "--folds", "1", "alice"}).exit_code == 2);
    CHECK(f.run({"--evaluate", "--explain", "x", "alice"}).exit_code == 2);
    CHECK(f.run({"nobody"}).exit_code == 10);
    CHECK_FALSE(status_of(f.layout.junk_filter_db("alice")));
    const auto other = datadir::Lock::try_take(f.layout, "train-alice", datadir::LockMode::exclusive);
    CHECK(f.run({"alice"}).exit_code == 11);
}

TEST_CASE("retrain leaves out what cannot be read, and says so", "[retrain]") {
    Trainable f;
    std::filesystem::resize_file(f.account.message_file(store::MessageId{1}), 3);
    const auto run = f.run({"alice"});
    CHECK(run.exit_code == 3);
    CHECK(run.out.find("1 message could not be read") != std::string::npos);
    CHECK(f.filter().totals() == junk::Counts{.ham = 19, .spam = 20});
}

TEST_CASE("a filter of other parameters explains with its own", "[retrain]") {
    Trainable f;
    REQUIRE(f.run({"alice"}).exit_code == 0);
    {
        // As if the configuration had asked for something else when it was made.
        junk::FilterDb filter(f.layout.junk_filter_db("alice"), {.access = db::Access::read_write});
        const store::RetrainOptions other{.parameters = {.tokenizer_version = junk::classic_tokenizer}, .jobs = 3};
        CHECK(store::retrain(f.account, filter, other).messages == junk::Counts{.ham = 20, .spam = 20});
    }
    AtomicFile file(f.dir / "new.eml");
    file.write(mail("Cheap", "cheap pills"));
    file.commit();
    const auto run = f.run({"--explain", (f.dir / "new.eml").native(), "alice"});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK(run.out.find("'pills': in 20 junk and 0 ham\n") != std::string::npos);
    CHECK(run.out.find(": junk\n") != std::string::npos);
}

TEST_CASE("explaining says when other parameters are configured", "[retrain]") {
    Trainable f;
    REQUIRE(f.run({"alice"}).exit_code == 0);  // our own
    f.dir.write(
        "config/mox.conf",
        "DataDir: ../" + f.layout.root().filename().native() +
            "\nLogLevel: info\nUser: mox\nHostname: localhost\nListeners:\n\tlocal:\n\t\tIPs:\n\t\t\t- 127.0.0.1\n"
            "Postmaster:\n\tAccount: alice\n\tMailbox: Inbox\n");
    const bool compatible = GENERATE(false, true);
    f.dir.write(
        "config/domains.conf",
        "Domains:\n\tlocalhost: nil\nAccounts:\n\talice:\n\t\tDomain: localhost\n\t\tDestinations:\n"
        "\t\t\talice@localhost: nil\n\t\tJunkFilter:\n\t\t\tThreshold: 0.95\n\t\t\tParams:\n\t\t\t\tOnegrams: " +
            std::string(compatible ? "true" : "false") +
            "\n\t\t\t\tMaxPower: 0.01\n\t\t\t\tTopWords: 10\n\t\t\t\tIgnoreWords: 0.1\n\t\t\t\tRareWords: 2\n");
    f.dir.write("new.eml", mail("Cheap", "cheap pills"));
    const auto run = cli::run_tool(retrain::tool(), {"-c", (f.dir / "config/mox.conf").native(), "--explain",
                                                     (f.dir / "new.eml").native(), "alice"});
    INFO(run.out << run.err);
    CHECK(run.exit_code == 0);
    CHECK((run.err.find("run 'mox-retrain alice'") != std::string::npos) == compatible);
    CHECK(run.out.find(": junk\n") != std::string::npos);
}

TEST_CASE("a filter of version 1 verifies, is refused for reading, and is brought up to date by a retrain",
          "[retrain]") {
    Trainable f;
    REQUIRE(f.run({"alice"}).exit_code == 0);
    const auto path = f.layout.junk_filter_db("alice");
    const auto words = f.filter().word_count();
    const auto made_with = f.filter().parameters();
    {
        db::Schema first = junk::filter_schema();
        first.steps = first.steps.first(1);
        auto old = db::open(f.dir / "old.db", first, {.access = db::Access::create});
        old.run("ATTACH DATABASE ? AS new", path.native());
        old.exec(
            "UPDATE filter SET (twograms, tokenizer_version, ham_messages, spam_messages, applied_log) ="
            " (SELECT twograms, tokenizer_version, ham_messages, spam_messages, applied_log FROM new.filter);"
            "INSERT INTO word (word, ham, spam) SELECT 'word ' || key, ham, spam FROM new.words; DETACH DATABASE new");
    }
    for (const char* side : {"-wal", "-shm", ""}) (void)remove_file(path.native() + side);
    rename_file(f.dir / "old.db", path);
    CHECK(test::findings_in(f.layout) ==
          std::vector<std::string>{"accounts/alice/junkfilter.db: has schema version 1; the next program that writes to"
                                   " it upgrades it to 2 [database-version]"});
    CHECK(junk::parameters_of(path) == made_with);
    AtomicFile file(f.dir / "new.eml");
    file.write(mail("Cheap", "cheap pills"));
    file.commit();
    const auto run = f.run({"--explain", (f.dir / "new.eml").native(), "alice"});
    CHECK(run.exit_code == 1);
    CHECK(run.err.find("schema version 1 is older") != std::string::npos);
    REQUIRE(f.run({"alice"}).exit_code == 0);
    CHECK(f.filter().word_count() == words);
    for (const auto& finding : test::findings_in(f.layout)) FAIL_CHECK(finding);
}

TEST_CASE("a filter with a bloom filter of odd size works, and is right again after a retrain", "[retrain]") {
    Trainable f;
    REQUIRE(f.run({"alice"}).exit_code == 0);
    const int width = GENERATE(-5, 0, 3, 33, 99);
    INFO(width);
    {
        junk::FilterDb filter(f.layout.junk_filter_db("alice"), {.access = db::Access::read_write});
        filter.database().run("UPDATE filter SET bloom_width = ?, bloom_hashes = 1000", width);
        f.deliver("Inbox", mail("Lunch", "another lunch"), Flag::not_junk);
        CHECK(store::apply_training(f.account, filter).added == junk::Counts{.ham = 1, .spam = 0});
    }
    CHECK(f.filter().totals() == junk::Counts{.ham = 21, .spam = 20});
    CHECK(f.run({"alice"}).exit_code == 0);
    CHECK(f.filter().parameters() == junk::Parameters{.twograms = true, .tokenizer_version = junk::own_tokenizer});
    CHECK(f.filter().totals() == junk::Counts{.ham = 21, .spam = 20});
}

TEST_CASE("messages that are too much are trained as far as they go, and nothing fails", "[retrain]") {
    std::string nested, binary = "\r\n", attributes = "Content-Type: text/html\r\n\r\n<a";
    for (int i = 0; i < 1'000; ++i) nested += "Content-Type: message/rfc822\r\n\r\n";
    for (int i = 0; i < 200'000; ++i) binary += static_cast<char>(i * 7919 % 251);
    for (int i = 0; i < 50'000; ++i) attributes += " a" + std::to_string(i) + "=1";
    std::string text = "Subject: much\r\n\r\n";
    text.reserve(50U << 20U);
    while (text.size() < (50U << 20U)) text += "a line of text that comes again and again\r\n";
    const std::vector<std::string> contents{
        "Subject: words of a megabyte\r\n\r\n" + std::string(1U << 20U, 'w') + " " + std::string(3U << 20U, 'x'),
        nested + "inside",
        binary,
        attributes,
        text,
        "Subject: nothing else\r\n\r\n",
        "Content-Type: text/plain; charset=no-such-charset\r\n\r\ngr\xfc\xdf"
        "e",
        "Content-Type: text/html; charset=utf-16\r\n\r\n<p>not at all",
        "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding: base64\r\n\r\n=====\r\n",
        std::string(100'000, ':') + "\r\n",
        ""};
    Trainable f;
    for (const auto& message : contents) (void)f.deliver("Archive", message, Flag::not_junk);
    const auto run = f.run({"--jobs", "2", "alice"});
    INFO(run.err);
    CHECK(run.exit_code == 3);
    CHECK(run.out.find("1 message could not be read") != std::string::npos);  // the empty one
    const auto totals = f.filter().totals();
    CHECK(totals == junk::Counts{.ham = 20 + static_cast<std::int64_t>(contents.size()) - 1, .spam = 20});
    CHECK(f.filter().look_up("inside") == junk::Counts{.ham = 0, .spam = 0});  // too deep
    CHECK(f.filter().look_up("comes again") == junk::Counts{.ham = 1, .spam = 0});
    for (const auto& finding : test::findings_in(f.layout)) FAIL_CHECK(finding);
    // Taken back one by one, as they were added.
    f.change([&](store::Transaction& tx) {
        (void)store::change_flags(tx, f.mailbox("Archive").id, {store::all_uids},
                                  {.mode = store::FlagChange::Mode::replace});
    });
    junk::FilterDb filter(f.layout.junk_filter_db("alice"), {.access = db::Access::read_write});
    CHECK(store::apply_training(f.account, filter).damaged == 0);
    CHECK(filter.totals() == junk::Counts{.ham = 20, .spam = 20});
    CHECK(filter.look_up("comes again") == junk::Counts{});
}
