#include "fixture.hpp"
#include "model/mailbox_name.hpp"

using namespace mox;
using namespace mox::test;

namespace {

constexpr std::string_view one = "From ann Mon Jan  2 15:04:05 2006\nMessage-ID: <one@example.org>\nSubject: x\n\nx\n";

std::vector<std::string> mailbox_names(const ImportFixture& fixture) {
    auto account = fixture.account();
    std::vector<std::string> names;
    for (const auto& mailbox : store::list_mailboxes(account.database())) names.push_back(mailbox.name);
    return names;
}

store::Mailbox mailbox(const ImportFixture& fixture, std::string_view name) {
    auto account = fixture.account();
    return store::find_mailbox(account.database(), name).value();
}

}  // namespace

TEST_CASE("mailboxes are made with their parents and subscribed, under their normalised names", "[import]") {
    struct Row {
        std::string typed, stored;
        std::vector<std::string> made;
    };
    const auto row = GENERATE(values<Row>({
        {"Inbox", "Inbox", {}},
        {"inbox", "Inbox", {}},
        {"INBOX", "Inbox", {}},
        {"INBOX/x", "Inbox/x", {"Inbox/x"}},
        {"inbox/Inbox", "Inbox/Inbox", {"Inbox/Inbox"}},
        {"Inboxes", "Inboxes", {"Inboxes"}},
        {"Archive", "Archive", {}},
        {"archive", "archive", {"archive"}},
        {"a/b/c", "a/b/c", {"a", "a/b", "a/b/c"}},
        {"Gru\u0308n", "Gr\u00fcn", {"Gr\u00fcn"}},
        {"-x", "-x", {"-x"}},
        {"with space/\U0001F600", "with space/\U0001F600", {"with space", "with space/\U0001F600"}},
    }));
    INFO(row.typed);
    const ImportFixture fixture;
    auto names = mailbox_names(fixture);
    const auto done = fixture.import_text(one, row.typed);
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.out.find("imported 1 message (") != std::string::npos);
    CHECK(done.out.find(") into " + quote(row.stored) + " of account 'alice'") != std::string::npos);
    CHECK(fixture.messages(row.stored).size() == 1);
    names.insert(names.end(), row.made.begin(), row.made.end());
    std::sort(names.begin(), names.end());
    CHECK(mailbox_names(fixture) == names);
    auto account = fixture.account();
    const auto subscribed = store::list_subscriptions(account.database());
    for (const auto& name : row.made) CHECK(std::find(subscribed.begin(), subscribed.end(), name) != subscribed.end());
    fixture.require_consistent();
}

TEST_CASE("names that no mailbox may have are refused before anything is touched", "[import]") {
    const auto name = GENERATE(
        values<std::string>({"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "#shared", "a\tb", "a\nb", "\x7f",
                             "\u0085", "a\u2028b", "\xff\xfe", "a\xc3", std::string(1001, 'x')}));
    const std::string shown = escaped(name.substr(0, 50));
    INFO(shown);
    const ImportFixture fixture;
    const auto before = fixture.state();
    const auto done = fixture.import_text(one, name);
    INFO(done.err);
    CHECK(done.exit_code == 2);
    CHECK(done.out.empty());
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 2);  // the error and a hint
    CHECK(fixture.state() == before);
}

TEST_CASE("a mailbox nested too deeply is refused", "[import]") {
    const ImportFixture fixture;
    std::string name = "x";
    for (std::size_t i = 1; i < model::max_mailbox_depth; ++i) name += "/x";
    CHECK(fixture.import_text(one, name).exit_code == 0);
    CHECK(fixture.import_text(one, name + "/x").exit_code == 2);
    fixture.require_consistent();
}

TEST_CASE("importing twice gives every message twice, the second as an answer to the first", "[import]") {
    const ImportFixture fixture;
    const fs::path mbox = fs::path(MOX_TESTDATA) / "mail" / "sample.mbox";
    REQUIRE(fixture.import("mbox", mbox).exit_code == 0);
    const auto once = fixture.messages();
    REQUIRE(fixture.import("mbox", mbox).exit_code == 0);
    const auto twice = fixture.messages();
    REQUIRE(twice.size() == 2 * once.size());
    for (std::size_t i = 0; i < once.size(); ++i) {
        const auto& first = twice[i];
        const auto& second = twice[once.size() + i];
        CHECK(first.contents == second.contents);
        if (first.message.message_id.empty()) continue;
        INFO(first.message.message_id);
        CHECK(second.message.thread.thread_id == first.message.thread.thread_id);
        CHECK(second.message.thread.parent.has_value());
    }
    fixture.require_consistent();
}

TEST_CASE("a duplicate within one import joins the thread of the first", "[import]") {
    const ImportFixture fixture;
    REQUIRE(fixture.import_text(std::string(one) + "\n" + std::string(one)).exit_code == 0);
    const auto stored = fixture.messages();
    REQUIRE(stored.size() == 2);
    CHECK(stored[1].message.thread.parent == stored[0].message.id);
    CHECK(stored[1].message.thread.thread_id == number(stored[0].message.id));
}

TEST_CASE("all messages of an import share one modseq, and UIDs ascend in reading order", "[import]") {
    const ImportFixture fixture;
    REQUIRE(fixture.import("mbox", fs::path(MOX_TESTDATA) / "mail" / "sample.mbox").exit_code == 0);
    auto account = fixture.account();
    const auto placements = store::list_placements(account.database(), mailbox(fixture, "Inbox").id);
    REQUIRE(placements.size() > 2);
    for (std::size_t i = 0; i < placements.size(); ++i) {
        CHECK(placements[i].modseq == placements[0].modseq);
        CHECK(placements[i].createseq == placements[0].modseq);
        CHECK(number(placements[i].uid) == i + 1);
        CHECK(placements[i].mailbox_orig == placements[i].mailbox);
    }
}

TEST_CASE("mail imported into a mailbox for junk is junk", "[import]") {
    const ImportFixture fixture;
    REQUIRE(fixture
                .import_text("From ann Mon Jan  2 15:04:05 2006\nX-Keywords: $NotJunk a\n\nx\n\n" + std::string(one),
                             "Junk")
                .exit_code == 0);
    const auto stored = fixture.messages("Junk");
    REQUIRE(stored.size() == 2);
    for (const auto& message : stored) CHECK(message.flags == std::vector<std::string_view>{"$Junk"});
    CHECK(fixture.import_text(one, "Junk/Old").exit_code == 0);
    CHECK(fixture.messages("Junk/Old")[0].flags.empty());
    fixture.require_consistent();
}

TEST_CASE("recipients of imported sent mail are remembered", "[import]") {
    const ImportFixture fixture;
    const std::string sent =
        "From ann Mon Jan  2 15:04:05 2006\nTo: Bob <bob@example.net>\nCc: carol@example.com\n\nx\n";
    REQUIRE(fixture.import_text(sent, "Inbox").exit_code == 0);
    auto account = fixture.account();
    CHECK(account.database().value<int>("SELECT count(*) FROM recipient") == 0);
    REQUIRE(fixture.import_text(sent, "Sent").exit_code == 0);
    CHECK(account.database().value<int>("SELECT count(*) FROM recipient") == 2);
}

TEST_CASE("a mailbox remembers the keywords of what was imported into it", "[import]") {
    const ImportFixture fixture;
    const auto with = [](const std::string& keywords) {
        return "From ann Mon Jan  2 15:04:05 2006\nX-Keywords: " + keywords + "\n\nx\n\n";
    };
    REQUIRE(fixture.import_text(with("b") + with("a B ()")).exit_code == 0);
    CHECK(mailbox(fixture, "Inbox").keywords == model::Keywords{"a", "b"});
    REQUIRE(fixture.import_text(with("c a")).exit_code == 0);
    CHECK(mailbox(fixture, "Inbox").keywords == model::Keywords{"a", "b", "c"});
    CHECK(mailbox(fixture, "Archive").keywords.empty());
}

TEST_CASE("answers join the threads of mail that is there already", "[import]") {
    const ImportFixture fixture;
    REQUIRE(fixture.import_text(one).exit_code == 0);
    REQUIRE(fixture
                .import_text(
                    "From bob Mon Jan  2 16:04:05 2006\nMessage-ID: <two@example.org>\nIn-Reply-To: <one@example.org>\n"
                    "Subject: Re: x\n\ny\n",
                    "Archive")
                .exit_code == 0);
    CHECK(fixture.messages("Archive")[0].message.thread.parent == fixture.messages()[0].message.id);
}
