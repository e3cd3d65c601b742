#include "tools/export/selection.hpp"

#include <catch2/catch.hpp>

#include "datadir/lock.hpp"
#include "fixture.hpp"
#include "store/changes.hpp"
#include "store/erase.hpp"

using namespace mox;
using namespace mox::test;

namespace {

std::string letter(const std::string& from, const std::string& subject) {
    return "From: " + from + "\r\nSubject: " + subject + "\r\n\r\nx\r\n";
}

// Four messages in Inbox, one in a mailbox below; noon of the days 1 to 5 of March 2024.
void fill(const ExportFixture& fixture) {
    const auto noon = [](int day) { return Timestamp{.seconds = *to_unix_seconds({2024, 3, day, 12, 0, 0})}; };
    fixture.deliver("Inbox", letter("Ann <ann@example.org>", "Plan"), {.received = noon(1)});
    fixture.deliver("Inbox", letter("=?utf-8?q?J=C3=B6rg?= <j@example.net>", "Re: =?utf-8?q?M=C3=9CLL?="),
                    {.received = noon(2), .flags = model::Flag::seen, .keywords = {"todo"}});
    fixture.deliver(
        "Inbox", letter("bob@example.net", "other"),
        {.received = noon(3), .flags = model::Flag::seen | model::Flag::junk, .keywords = {"to", "todo-2"}});
    fixture.deliver("Inbox", "no header", {.received = noon(4)});
    fixture.deliver("Inbox/Below", letter("Ann <ann@example.org>", "below"), {.received = noon(5)});
}

std::vector<std::uint32_t> uids_in(exporting::Selection& selection, std::string_view mailbox) {
    std::vector<std::uint32_t> uids;
    for (const auto& selected : selection.mailboxes())
        if (selected.info.name == mailbox)
            selection.for_each(selected, [&](auto&& message) { uids.push_back(number(message.uid)); });
    return uids;
}

}  // namespace

TEST_CASE("messages are selected by date, flag, keyword, sender and subject", "[export]") {
    const ExportFixture fixture;
    fill(fixture);
    struct Row {
        std::vector<std::string> options;
        int messages;
    };
    const std::vector<Row> rows{
        {{}, 4},
        {{"--recursive"}, 5},
        {{"--since", "2024-03-03"}, 2},
        {{"--since", "2024-03-03T12:00:00Z"}, 2},
        {{"--since", "2024-03-03T12:00:01Z"}, 1},
        {{"--until", "2024-03-03"}, 3},
        {{"--until", "2024-03-03T13:00:00+01:00"}, 3},
        {{"--until", "2024-03-03T11:59:59Z"}, 2},
        {{"--since", "2024-03-02", "--until", "2024-03-02"}, 1},
        {{"--flag", "seen"}, 2},
        {{"--flag", "\\Seen", "--flag", "$Junk"}, 1},
        {{"--keyword", "TODO"}, 1},
        {{"--keyword", "to"}, 1},
        {{"--keyword", "nothing"}, 0},
        {{"--from", "ANN@"}, 1},
        {{"--from", "j\xc3\x96rg"}, 1},
        {{"--from", "example.net"}, 2},
        {{"--subject", "m\xc3\xbcll"}, 1},
        {{"--subject", "plan", "--from", "bob"}, 0},
        {{"--recursive", "--from", "ann"}, 2},
    };
    int number = 0;
    for (const auto& row : rows) {
        INFO(row.options.size() << ": " << (row.options.empty() ? "" : row.options.back()));
        std::vector<std::string> words{"--json", "mbox", "alice", "Inbox",
                                       (fixture.folder() / std::to_string(++number)).string()};
        words.insert(words.end(), row.options.begin(), row.options.end());
        const auto done = fixture.run(words);
        INFO(done.out);
        CHECK(done.exit_code == 0);
        CHECK(done.out.find("\"messages\":" + std::to_string(row.messages) + ",") != std::string::npos);
        const auto summary = done.out.substr(done.out.rfind("{\"type\":\"summary\""));
        CHECK(summary.find("\"messages\":" + std::to_string(row.messages) + ",") != std::string::npos);
    }
}

TEST_CASE("sender and subject are found without a stored structure too", "[export]") {
    const ExportFixture fixture;
    fill(fixture);
    auto account = fixture.account_of("alice");
    account.database().exec("UPDATE message SET structure = NULL");
    exporting::Selection selection(account, {.mailbox = "Inbox", .from = exporting::folded("ann")});
    CHECK(uids_in(selection, "Inbox") == std::vector<std::uint32_t>{1});
}

TEST_CASE("dates and names that make no sense are usage errors", "[export]") {
    const ExportFixture fixture;
    for (const std::vector<std::string>& options : {std::vector<std::string>{"--since", "yesterday"},
                                                    {"--until", "2024-02-30"},
                                                    {"--since", "2024-3-1"},
                                                    {"--since", ""},
                                                    {"--flag", "a b"},
                                                    {"--keyword", ""},
                                                    {"--keyword", "(x)"}}) {
        auto words = options;
        words.insert(words.end(), {"mbox", "alice", "Inbox", fixture.out().string()});
        const auto done = fixture.run(words);
        INFO(options[1] << done.err);
        CHECK(done.exit_code == 2);
        CHECK_FALSE(status_of(fixture.out()));
    }
}

TEST_CASE("what is on the list is exported whatever others do meanwhile", "[export]") {
    const ExportFixture fixture;
    fill(fixture);
    const auto held = datadir::hold_erasure(fixture.layout(), std::chrono::seconds(1));
    auto reading = store::Account::open(fixture.layout(), "alice", {.access = db::Access::read_only});
    exporting::Selection selection(reading, {});
    {
        auto account = fixture.account_of("alice");
        const auto inbox = store::find_mailbox(account.database(), "Inbox").value().id;
        store::Transaction tx(account);
        (void)store::change_flags(tx, inbox, {store::all_uids},
                                  {.mode = store::FlagChange::Mode::replace, .flags = model::Flag::draft});
        (void)store::expunge(tx, inbox, {{store::Uid{2}, store::Uid{4}}}, store::Expunge::all);
        tx.commit();
        CHECK(store::erase_queued(account) == 0);
        fixture.deliver("Inbox", letter("late@example.org", "late"), {});
    }
    CHECK(selection.messages() == 5);
    CHECK(uids_in(selection, "Inbox") == std::vector<std::uint32_t>{1, 2, 3, 4});
    for (const auto& mailbox : selection.mailboxes())
        selection.for_each(mailbox, [&](auto&& message) {
            REQUIRE(message.stored);
            CHECK(status_of(reading.message_file(message.id)));
            CHECK_FALSE(message.flags.has(model::Flag::draft));
        });
}
