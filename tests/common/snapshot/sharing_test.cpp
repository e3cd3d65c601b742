#include <sys/stat.h>

#include "common/snapshot/fixture.hpp"
#include "snapshot/destination.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Problems = std::set<std::string>;

struct stat status_at(const fs::path& path) {
    return status_of(path).value();
}

// A first snapshot of the source, and what it takes to make a second.
struct Shared : Source {
    fs::path first = dir / "first";
    Hearing hearing;

    explicit Shared(CopyPolicy policy = {}) {
        Hearing unheard;
        auto options = Source::options();
        options.messages = policy;
        (void)snapshot::take(options, first, unheard);
    }
    [[nodiscard]] snapshot::TakeOptions sharing() const {
        auto options = Source::options();
        options.previous = snapshot::Previous{.directory = first, .name = "first", .untrustworthy = {}};
        return options;
    }
    snapshot::Manifest take_second() { return snapshot::take(sharing(), dest, hearing); }
    [[nodiscard]] bool is_shared(const std::string& file) const {
        return status_at(first / "data" / file).st_ino == status_at(dest / "data" / file).st_ino;
    }
    [[nodiscard]] fs::path live(std::size_t index) const { return layout.root() / message(index); }
    [[nodiscard]] fs::path before(std::size_t index) const { return first / "data" / message(index); }
};

}  // namespace

TEST_CASE("unchanged message files are links to the previous snapshot, everything else is new", "[snapshot]") {
    Shared source;
    std::int64_t added = 0;
    {
        auto account = store::Account::open(source.layout, "alice");
        added = number(store::deliver(account, "Inbox", {.received = source.clock.now()}, message_text(7)).id);
        account.close();
    }
    const auto manifest = source.take_second();
    CHECK(source.hearing.problems() == Problems{});
    CHECK(manifest.totals.shared == 10);
    CHECK(manifest.totals.reflinked + manifest.totals.copied == 1);
    CHECK(manifest.totals.message_files == 11);
    CHECK(manifest.previous == "first");
    CHECK(snapshot::read_manifest(source.dest) == manifest);
    require_whole(source.dest);
    require_whole(source.first);
    for (std::size_t i = 0; i < source.ids.size(); ++i) CHECK(source.is_shared(source.message(i)));
    CHECK_FALSE(source.is_shared("accounts/alice/index.db"));
    CHECK_FALSE(source.is_shared("receivedid.key"));
    const auto fresh = source.dest / "data/accounts/alice/msg" / datadir::message_path(added);
    CHECK(status_at(fresh).st_nlink == 1);
    // Nothing needs the first any more.
    fs::remove_all(source.first);
    require_whole(source.dest);
}

TEST_CASE("what is not the same file in the previous snapshot is copied from the live one", "[snapshot]") {
    struct Row {
        const char* name;
        std::function<void(Shared&)> change;
        bool is_lost;  // the previous snapshot is not what it should be
    };
    const std::vector<Row> rows{
        {"missing", [](Shared& s) { fs::remove(s.before(2)); }, true},
        {"shorter", [](Shared& s) { fs::resize_file(s.before(2), 3); }, true},
        {"a link",
         [](Shared& s) {
             fs::remove(s.before(2));
             fs::create_symlink(s.live(2), s.before(2));
         },
         true},
        {"a folder",
         [](Shared& s) {
             fs::remove(s.before(2));
             fs::create_directory(s.before(2));
         },
         true},
        {"looser mode", [](Shared& s) { ::chmod(s.live(2).c_str(), 0400); }, false},
        {"not trusted", [](Shared&) {}, false},
        {"other hash",
         [](Shared& s) {
             db::Database database(s.first / "data/accounts/alice/index.db", {.access = db::Access::read_write});
             database.run("UPDATE message SET file_sha256 = zeroblob(32) WHERE id = ?", s.ids.at(2));
             database.exec("PRAGMA journal_mode = DELETE");
         },
         false},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Shared source;
        row.change(source);
        auto options = source.sharing();
        if (row.name == std::string("not trusted")) options.previous->untrustworthy.insert(source.message(2));
        std::vector<std::string> remarks;
        struct Ear final : snapshot::Observer {
            std::vector<std::string>& heard;
            explicit Ear(std::vector<std::string>& to) : heard(to) {}
            void remark(const std::string& text) override { heard.push_back(text); }
        } ear(remarks);
        const auto manifest = snapshot::take(options, source.dest, ear);
        CHECK(manifest.complete());
        CHECK(manifest.totals.shared == 9);
        CHECK(manifest.totals.reflinked + manifest.totals.copied == 1);
        CHECK(status_at(source.dest / "data" / source.message(2)).st_nlink == 1);
        require_whole(source.dest);
        CHECK(remarks.size() == (row.is_lost ? 1 : 0));
        if (row.is_lost)
            CHECK_THAT(remarks.front(), Catch::Contains("'first' is damaged") && Catch::Contains(source.message(2)));
    }
}

TEST_CASE("an account that was made anew shares nothing with the one before it", "[snapshot]") {
    Shared source;
    fs::remove_all(source.layout.account("bob"));
    auto account = store::Account::create(source.layout, "bob", store::default_initial_mailboxes());
    for (int i = 0; i < 5; ++i) {
        // Of the same id and size, one of them with the same contents.
        std::string text = message_text(i);
        if (i != 4) text[text.find("number")] = 'N';
        (void)store::deliver(account, "Inbox", {.received = source.clock.now()}, text);
    }
    account.close();
    const auto manifest = source.take_second();
    CHECK(source.hearing.problems() == Problems{});
    CHECK(manifest.totals.shared == 6);
    require_whole(source.dest);
}

TEST_CASE("a missing or damaged live file is noticed, and comes from the previous snapshot", "[snapshot]") {
    Shared source;
    fs::remove(source.live(0));
    fs::resize_file(source.live(1), 3);
    fs::remove(source.live(2));
    fs::create_directory(source.live(2));
    const std::string size = std::to_string(message_text(1).size());
    const auto manifest = source.take_second();
    const std::string stored = "; the one of the previous snapshot was stored";
    CHECK(source.hearing.problems() ==
          Problems{source.message(0) + ": message file is missing" + stored,
                   source.message(1) + ": message file has 3 bytes instead of " + size + stored,
                   source.message(2) + ": message file is a folder" + stored});
    CHECK_FALSE(manifest.complete());
    CHECK(manifest.totals.shared == 10);
    require_whole(source.dest);
}

TEST_CASE("a file of a snapshot that cannot be linked is copied", "[snapshot]") {
    // On ext4 a file has 65,000 names at most. Elsewhere there may be no such limit that a test could reach.
    Shared source;
    const fs::path names = source.dir / "names";
    fs::create_directory(names);
    int count = 1;
    while (count < 66'000 && ::link(source.before(0).c_str(), (names / std::to_string(count)).c_str()) == 0) ++count;
    const bool is_limited = errno == EMLINK && count < 66'000;
    const auto manifest = source.take_second();
    CHECK(manifest.complete());
    CHECK(manifest.totals.shared == (is_limited ? 9 : 10));
    require_whole(source.dest);
    if (!is_limited) WARN("no limit of links was met on this file system");
}

TEST_CASE("message files of an account without a readable database are shared when their contents are the same",
          "[snapshot]") {
    Shared source;
    source.dir.write("source/accounts/alice/index.db", "garbage");
    fs::remove(source.layout.account_db("alice").native() + "-wal");
    source.dir.write("source/" + source.message(1), "something else of an unknown message");
    std::string same_size = message_text(2);
    same_size.back() = '?';
    source.dir.write("source/" + source.message(2), same_size);
    const auto manifest = source.take_second();
    REQUIRE(source.hearing.problems().size() == 1);
    CHECK_THAT(*source.hearing.problems().begin(), Catch::StartsWith("accounts/alice/index.db: cannot be copied"));
    CHECK(deviations(source.dest).empty());
    CHECK(manifest.totals.shared == 5);  // bob's; alice's are in the list of files
    for (const std::size_t i : {0U, 3U, 4U}) CHECK(source.is_shared(source.message(i)));
    for (const std::size_t i : {1U, 2U}) {
        CHECK_FALSE(source.is_shared(source.message(i)));
        CHECK(read_file(source.dest / "data" / source.message(i)) == read_file(source.live(i)));
    }
}

TEST_CASE("a previous snapshot with a damaged database is told of, and nothing of that account is shared",
          "[snapshot]") {
    Shared source;
    source.dir.write("first/data/accounts/bob/index.db", "garbage");
    const auto manifest = source.take_second();
    CHECK(manifest.complete());
    CHECK(manifest.totals.shared == 5);
    require_whole(source.dest);
}

TEST_CASE("links to live files and sharing go together", "[snapshot]") {
    Shared source({.allow_link = true});
    auto options = source.sharing();
    options.messages.allow_link = true;
    const auto manifest = snapshot::take(options, source.dest, source.hearing);
    CHECK(manifest.totals.shared == 10);
    CHECK(manifest.totals.linked == 0);
    require_whole(source.dest);
}
