#include "server/imap/mailbox_index.hpp"

#include <random>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::Client;
using test::MailFixture;

namespace fs = std::filesystem;

namespace {

struct Row {
    std::uint32_t uid = 0;
    store::MessageId message{};
    std::uint32_t flags = 0;
    std::string keywords;
    friend bool operator==(const Row&, const Row&) = default;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.uid << ":" << number(row.message) << ":" << row.flags << ":" << row.keywords;
}

std::vector<Row> rows_of(db::Database& database, store::MailboxId mailbox) {
    std::vector<Row> rows;
    for (const auto& [uid, message, flags, keywords] :
         database.rows<std::uint32_t, store::MessageId, std::uint32_t, std::string>(
             "SELECT uid, message_id, flags, keywords FROM placement WHERE mailbox_id = ? ORDER BY uid", mailbox))
        rows.push_back({uid, message, flags, keywords});
    return rows;
}

std::vector<Row> rows_of(const imap::MailboxIndexes::Index* index) {
    REQUIRE(index != nullptr);
    REQUIRE(index->uids.size() == index->messages.size());
    REQUIRE(index->uids.size() == index->flags.size());
    REQUIRE(index->uids.size() == index->keyword_sets.size());
    REQUIRE(index->has_keywords);
    std::vector<Row> rows;
    for (std::size_t i = 0; i < index->uids.size(); ++i)
        rows.push_back({index->uids[i], index->messages[i], index->flags[i], std::string(index->keywords(i))});
    return rows;
}

}  // namespace

TEST_CASE("an index of a mailbox follows all changes of it", "[imap]") {
    MailFixture f;
    std::mt19937 random(20'261'130);
    const auto inbox = f.id_of("Inbox"), archive = f.id_of("Archive");
    imap::MailboxIndexes indexes;
    db::Database& database = f.other().database();
    for (int round = 0; round < 300; ++round) {
        const auto here = random() % 2 == 0 ? inbox : archive;
        const auto rows = rows_of(database, here);
        const auto some = [&] {
            const auto a = store::Uid(rows[random() % rows.size()].uid),
                       b = store::Uid(rows[random() % rows.size()].uid);
            return store::UidRanges{{std::min(a, b), std::max(a, b)}};
        };
        const auto kind = rows.empty() ? 0 : random() % 8;
        if (kind < 3)
            f.deliver(here == inbox ? "Inbox" : "Archive");
        else if (kind < 6)
            f.change([&](auto& tx) {
                (void)store::change_flags(
                    tx, here, some(),
                    {.mode = random() % 2 == 0 ? store::FlagChange::Mode::add : store::FlagChange::Mode::remove,
                     .flags = random() % 2 == 0 ? model::Flag::seen : model::Flag::deleted,
                     .keywords =
                         random() % 3 == 0 ? model::Keywords{"k" + std::to_string(random() % 5)} : model::Keywords{}});
            });
        else if (kind == 6)
            f.change([&](auto& tx) { (void)store::expunge(tx, here, some(), store::Expunge::only_deleted); });
        else
            f.change([&](auto& tx) { (void)store::move_messages(tx, here, some(), here == inbox ? archive : inbox); });
        if (round % 60 == 59)  // what clients that were away might have asked for is forgotten
            f.change([&](auto& tx) {
                tx.database().run("UPDATE account SET highest_deleted_modseq = last_modseq");
                tx.database().run("DELETE FROM tombstone");
            });
        if (random() % 3 == 0) continue;  // several changes at once
        for (const auto mailbox : {inbox, archive})
            REQUIRE(rows_of(indexes.up_to_date(database, mailbox)) == rows_of(database, mailbox));
    }
    CHECK(indexes.up_to_date(database, store::MailboxId(999)) == nullptr);
    indexes.shrink_to(0);
    CHECK(rows_of(indexes.up_to_date(database, inbox)) == rows_of(database, inbox));
}

TEST_CASE("an index does without keywords when there are too many different ones", "[imap]") {
    constexpr std::uint32_t messages = 25;
    constexpr auto most = imap::MailboxIndexes::most_keyword_sets;
    MailFixture f;
    for (std::uint32_t i = 0; i < messages; ++i) f.deliver("Inbox");
    Client a(f);
    (void)a("a SELECT Inbox");
    imap::MailboxIndexes indexes;
    // A set of keywords that nothing has any more stays known as long as the index only follows.
    for (std::size_t sets = 0; sets < most; sets += messages) {
        f.change([&](auto& tx) {
            for (std::uint32_t uid = 1; uid <= messages; ++uid)
                (void)store::change_flags(
                    tx, f.id_of("Inbox"), {{store::Uid(uid), store::Uid(uid)}},
                    {.mode = store::FlagChange::Mode::replace, .keywords = {"k" + std::to_string(sets + uid)}});
        });
        const auto* const index = indexes.up_to_date(f.other().database(), f.id_of("Inbox"));
        REQUIRE(index->has_keywords == (sets + messages < most));
        const std::string keyword = "k" + std::to_string(sets + 16);
        CHECK(a("b UID SEARCH KEYWORD " + keyword).starts_with("* SEARCH 16\r\n"));
    }
    indexes.shrink_to(0);
    CHECK(indexes.up_to_date(f.other().database(), f.id_of("Inbox"))->has_keywords);
    CHECK(a("c UID SEARCH KEYWORD k16").starts_with("* SEARCH\r\n"));
}

TEST_CASE("SELECT and searches for flags see what other processes have changed", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");
    Client a(f);
    (void)a("a SELECT Inbox");
    CHECK(a("b SEARCH UNSEEN") == "* SEARCH 1 2 3\r\nb OK SEARCH done\r\n");
    f.change([&](auto& tx) {
        (void)store::change_flags(tx, f.id_of("Inbox"), {{store::Uid(2), store::Uid(2)}}, {.flags = model::Flag::seen});
    });
    f.deliver("Inbox");
    // The fourth is told at the end: the numbers of a command are those before it.
    CHECK(a("c SEARCH UNSEEN") ==
          "* SEARCH 1 3\r\n* 4 EXISTS\r\n* 1 RECENT\r\n* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n* 4 FETCH (UID 4 FLAGS "
          "(\\Recent))\r\nc OK SEARCH "
          "done\r\n");
    f.change([&](auto& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid(1), store::Uid(1)}}, store::Expunge::all);
    });
    CHECK(a("d SEARCH UNSEEN") == "* SEARCH 3 4\r\nd OK SEARCH done\r\n");
    Client b(f);
    CHECK(b("a SELECT Inbox").find("* 3 EXISTS\r\n* OK [UNSEEN 2] ") != std::string::npos);
    CHECK(b("b SEARCH SEEN") == "* SEARCH 1\r\nb OK SEARCH done\r\n");
    CHECK(b("c SEARCH OR SEEN NOT UID 4") == "* SEARCH 1 2\r\nc OK SEARCH done\r\n");
}

TEST_CASE("an account stays open for a while after its last session", "[imap]") {
    MailFixture f;
    {
        Client a(f);
        (void)a("a SELECT Inbox");
    }
    f.run_tasks();
    const auto watcher = std::make_shared<imap::Watcher>();
    auto account = f.accounts.join("mjl", watcher);
    CHECK(account->is_open());
    f.accounts.leave(account, watcher.get());
    f.run_tasks();
    for (int second = 1; second < imap::Accounts::rest_seconds; ++second) f.accounts.look_for_changes();
    f.run_tasks();
    CHECK(account->is_open());
    f.accounts.look_for_changes();
    f.run_tasks();
    CHECK(!account->is_open());
    // Somebody who comes back meanwhile keeps it open.
    Client b(f);
    (void)b("a SELECT Inbox");
    for (int second = 0; second < 2 * imap::Accounts::rest_seconds; ++second) f.accounts.look_for_changes();
    f.run_tasks();
    CHECK(account->is_open());
}

TEST_CASE("an account that was replaced while nobody used it is opened anew", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    const fs::path database = f.layout.account_db("mjl"), aside = f.dir / "aside";
    fs::create_directory(aside);
    (void)f.other().database().run("VACUUM INTO ?", (aside / "index.db").native());
    f.deliver("Inbox");
    const auto select = [&] {
        Client client(f);
        return client("a SELECT Inbox");
    };
    const auto exchange = [&] {
        f.run_tasks();
        const fs::path before = f.dir / "before";
        fs::create_directory(before);
        for (const char* suffix : {"", "-wal", "-shm"}) {
            const std::string name = "index.db" + std::string(suffix);
            if (fs::exists(database.parent_path() / name)) fs::rename(database.parent_path() / name, before / name);
            if (fs::exists(aside / name)) fs::rename(aside / name, database.parent_path() / name);
        }
        fs::remove(aside);
        fs::rename(before, aside);
    };
    CHECK_THAT(select(), Catch::Contains("* 2 EXISTS\r\n"));
    exchange();
    CHECK_THAT(select(), Catch::Contains("* 1 EXISTS\r\n"));
    exchange();
    CHECK_THAT(select(), Catch::Contains("* 2 EXISTS\r\n"));
}
