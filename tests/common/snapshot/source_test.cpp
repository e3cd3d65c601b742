#include "snapshot/source.hpp"

#include "datadir/restoring.hpp"
#include "fixture.hpp"
#include "queue/schema.hpp"
#include "snapshot/restore_directory.hpp"
#include "snapshot/restore_messages.hpp"
#include "store/message.hpp"

using namespace mox;
using namespace mox::test;

namespace {

// A snapshot as an archive gives it: message files only in one pass, in an order of its own.
class StreamOnly final : public snapshot::Source {
public:
    StreamOnly(const fs::path& path, const fs::path& scratch)
        : whole_(snapshot::open_source(path, scratch)),
          data_(scratch / "data") {
        fs::copy(whole_->data(), data_, fs::copy_options::recursive);
        for (const auto& name : datadir::account_names(datadir::Layout(data_)))
            fs::remove_all(datadir::Layout(data_).messages(name));
        for (const auto& entry : fs::directory_iterator(data_ / "queue"))
            if (entry.is_directory()) fs::remove_all(entry.path());
    }
    const fs::path& path() const override { return whole_->path(); }
    const snapshot::Manifest* manifest() const override { return whole_->manifest(); }
    const fs::path& data() const override { return data_; }
    const fs::path& config() const override { return whole_->config(); }
    bool has_message_files() const override { return false; }
    void check_manifest(const snapshot::DeviationSink& sink) const override { whole_->check_manifest(sink); }
    void read_messages(const Wanted& wanted, const Visit& visit) override {
        ++passes;
        std::vector<std::pair<std::string, std::string>> files;
        whole_->read_messages(wanted, [&](const snapshot::PassingFile& file) {
            std::string contents;
            file.read([&](auto piece) { contents += as_text(piece); });
            CHECK(static_cast<std::int64_t>(contents.size()) == file.size_bytes);
            files.emplace_back(file.path, contents);
            return true;
        });
        std::ranges::reverse(files);
        for (const auto& [name, contents] : files)
            if (!visit({.path = name,
                        .size_bytes = static_cast<std::int64_t>(contents.size()),
                        .read = [&](const auto& sink) { sink(as_bytes(contents)); }}))
                return;
    }
    int passes = 0;

private:
    std::unique_ptr<snapshot::Source> whole_;
    fs::path data_;
};

}  // namespace

TEST_CASE("paths of message files tell whose they are", "[snapshot]") {
    struct Row {
        std::string path, account;
        std::int64_t id;  // 0: no message file
    };
    for (const auto& row :
         {Row{"accounts/alice/msg/a/1", "alice", 1}, Row{"accounts/b c/msg/b/8192", "b c", 8192},
          Row{"queue/a/7", "", 7}, Row{"accounts/alice/msg/b/1", "", 0}, Row{"accounts/alice/msg/a/01", "", 0},
          Row{"accounts/alice/msg/a/1/2", "", 0}, Row{"accounts/alice/msg/1", "", 0}, Row{"accounts/alice", "", 0},
          Row{"accounts/alice/index.db", "", 0}, Row{"queue/index.db", "", 0}, Row{"data/queue/a/7", "", 0},
          Row{"", "", 0}}) {
        INFO(row.path);
        const auto place = snapshot::message_place(row.path);
        CHECK(place.has_value() == (row.id != 0));
        if (place) CHECK(place->id == row.id);
        if (place) CHECK(place->account == row.account);
    }
}

TEST_CASE("a folder gives its message files, those that are wanted", "[snapshot]") {
    const Source source;
    Hearing hearing;
    (void)source.take(hearing);
    const auto opened = snapshot::open_source(source.dest, source.dir.path());
    CHECK(opened->has_message_files());
    CHECK(opened->config() == source.dest / "config");
    std::vector<std::string> visited;
    opened->read_messages([](std::string_view path) { return path.starts_with("accounts/bob/"); },
                          [&](const snapshot::PassingFile& file) {
                              visited.emplace_back(file.path);
                              return visited.size() < 3;
                          });
    CHECK(visited == std::vector<std::string>{"accounts/bob/msg/a/1", "accounts/bob/msg/a/2", "accounts/bob/msg/a/3"});
    CHECK(snapshot::database_trouble(*opened, "accounts/bob/index.db").empty());
    auto database =
        snapshot::open_database(*opened, "accounts/bob/index.db", store::account_schema(), source.dir.path());
    CHECK(database.database().value<int>("SELECT count(*) FROM message") == 5);
    CHECK_THROWS_AS(snapshot::open_database(*opened, "accounts/bob/index.db", queue::queue_schema(), source.dir.path()),
                    Error);
}

TEST_CASE("a whole directory can be restored from a source that streams its messages", "[snapshot]") {
    const Source source;
    Hearing hearing;
    (void)source.take(hearing);
    const TempDir scratch;
    StreamOnly streaming(source.dest, scratch.path());
    snapshot::Observer observer;
    const fs::path target = source.dir / "restored";
    {
        snapshot::DirectoryRestore restore(streaming, {.destination = target, .clock = &source.clock}, observer);
        restore.copy();
        CHECK_THROWS_AS(datadir::open(target), Error);
        restore.renew_databases();
        restore.complete();
        CHECK(restore.totals().messages == 10);
    }
    CHECK(streaming.passes == 1);
    for (const auto& [name, contents] : contents_of(source.dest / "data")) {
        INFO(name);
        REQUIRE(status_of(target / name));
        if (!name.ends_with(".db") && !contents.empty()) CHECK(read_file(target / name) == contents);
    }
    // Without complete() everything goes.
    { snapshot::DirectoryRestore given_up(streaming, {.destination = source.dir / "not"}, observer); }
    CHECK_FALSE(status_of(source.dir / "not"));
}

TEST_CASE("messages can be restored from a source that streams them, in the order of their mailbox", "[snapshot]") {
    const Source source;
    Hearing hearing;
    (void)source.take(hearing);
    const TempDir scratch;
    StreamOnly streaming(source.dest, scratch.path());
    snapshot::SnapshotAccount from(streaming, "alice", scratch.path());
    auto into = store::Account::open(source.layout, "bob", {.clock = &source.clock});
    snapshot::Observer observer;
    const auto totals =
        snapshot::restore_messages(streaming, from, into, {.into_mailbox = "Back", .duplicates = true}, observer);
    CHECK(totals.messages == 5);
    CHECK(totals.failed == 0);
    CHECK(streaming.passes == 1);
    const auto mailbox = store::find_mailbox(into.database(), "Back").value();
    int number = 0;
    for (const auto& placement : store::list_placements(into.database(), mailbox.id))
        CHECK(read_file(into.message_file(placement.message)) == message_text(number++));
    CHECK(number == 5);
    CHECK(list_directory(source.layout.tmp()).empty());
}
