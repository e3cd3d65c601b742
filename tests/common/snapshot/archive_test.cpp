#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/reader.hpp"
#include "archive/writer.hpp"
#include "base/interrupt.hpp"
#include "common/snapshot/fixture.hpp"
#include "snapshot/source.hpp"
#include "support/run_program.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Problems = std::set<std::string>;
using Files = std::map<std::string, std::string>;

struct ArchiveCase : Source {
    fs::path file = dir / "mox.tar.zst";
    fs::path partial = dir / "mox.tar.zst.partial";

    snapshot::Manifest take_archive(Hearing& hearing) const {
        return snapshot::take_archive(options(), {.file = file}, hearing);
    }
    // Unpacked by somebody else's program.
    [[nodiscard]] fs::path unpacked() const {
        const fs::path target = dir / "unpacked";
        fs::remove_all(target);
        fs::create_directory(target);
        const auto tar = run_program({"tar", "-C", target, "-xf", file});
        INFO(tar.err);
        REQUIRE(tar.exit_code == 0);
        return target;
    }
};

std::vector<std::string> deviations_of(const fs::path& file) {
    const TempDir folder;
    auto reader = archive::open_archive(file);
    const auto contents = snapshot::read_archive(reader, "it", folder.path(), snapshot::Unpack::databases);
    std::vector<std::string> found;
    for (const auto& [path, detail] : contents.deviations) found.push_back(path + ": " + detail);
    snapshot::check_archive(contents, folder.path(), [&](const auto& d) { found.push_back(d.path + ": " + d.detail); });
    return found;
}

}  // namespace

TEST_CASE("an archive unpacked by tar is the snapshot", "[snapshot][archive]") {
    ArchiveCase source;
    const auto* const name = GENERATE("mox.tar", "mox.tar.gz", "mox.tar.zst");
    source.file = source.dir / name;
    const auto before = contents_of(source.layout.root());
    ::chmod((source.layout.root() / source.message(0)).c_str(), 0604);
    Hearing hearing;
    const auto manifest = snapshot::take_archive(
        source.options(), {.file = source.file, .write = {.format = *archive::format_of(name)}}, hearing);
    CHECK(hearing.problems() == Problems{});
    CHECK(manifest.complete());
    CHECK(manifest.totals.message_files == 10);
    CHECK(manifest.totals.copied == 10);
    CHECK(hearing.stored_files() == 10);
    CHECK(deviations_of(source.file).empty());
    CHECK(contents_of(source.layout.root()) == before);
    CHECK((status_of(source.file)->st_mode & 0777) == 0600);
    for (const auto& entry : fs::directory_iterator(source.dir.path()))
        CHECK_FALSE(entry.path().native().ends_with(".partial"));

    const auto unpacked = source.unpacked();
    require_whole(unpacked);
    CHECK(snapshot::read_manifest(unpacked) == manifest);
    CHECK(contents_of(unpacked / "config") == contents_of(source.config));
    CHECK((status_of(unpacked / "config/dkim/key.pem")->st_mode & 07777) == 0600);
    const auto original = status_of(source.layout.root() / source.message(0));
    const auto copy = status_of(unpacked / "data" / source.message(0));
    CHECK((copy->st_mode & 0777) == 0604);
    CHECK(copy->st_mtim.tv_sec == original->st_mtim.tv_sec);
    for (const auto* folder : {"data/accounts", "data/tmp", "data/locks"})
        CHECK(directory_exists(unpacked / folder) == directory_exists(source.layout.root() / (folder + 5)));
    // The same as the folder form, byte for byte, but for the databases' and the manifest's.
    (void)source.take(hearing);
    auto folder = contents_of(source.dest), archive = contents_of(unpacked);
    for (auto* files : {&folder, &archive}) {
        std::erase_if(*files, [](const auto& file) { return file.first.ends_with(".db"); });
        files->erase("manifest.json");
    }
    CHECK(folder == archive);
}

TEST_CASE("problems of the source are named in an archive's manifest, and the rest is there", "[snapshot][archive]") {
    const ArchiveCase source;
    const auto& root = source.layout.root();
    fs::remove(root / source.message(0));
    source.dir.write("source/" + source.message(1), "short");
    fs::remove(root / source.message(2));
    fs::create_symlink("/etc/passwd", root / source.message(2));
    source.dir.write("source/accounts/alice/msg/a/stray", "stray");
    source.dir.write("source/accounts/bob/extra", "extra");
    source.dir.write("source/accounts/bob/index.db", "damaged");
    REQUIRE(::mkfifo((root / "pipe").c_str(), 0600) == 0);
    Hearing hearing;
    const auto manifest = source.take_archive(hearing);
    CHECK_FALSE(manifest.complete());
    const auto told = [&](const std::string& text) {
        return std::ranges::any_of(hearing.problems(), [&](const auto& p) { return p.find(text) == 0; });
    };
    CHECK(told(source.message(0) + ": message file is missing"));
    CHECK(told(source.message(1) + ": message file has 5 bytes instead of "));
    CHECK(told(source.message(2) + ": message file is a symbolic link"));
    CHECK(told("accounts/alice/msg/a/stray: does not belong here; copied"));
    CHECK(told("accounts/bob/extra: does not belong here; copied"));
    CHECK(told("accounts/bob/index.db: cannot be copied as a database"));
    CHECK(told("pipe: is a named pipe, not copied"));
    CHECK(static_cast<std::size_t>(manifest.problem_count) == hearing.problems().size());
    CHECK(manifest.totals.message_files == 3);
    // What is there is as the manifest says: bob's messages are listed.
    CHECK(deviations_of(source.file).empty());
    const auto unpacked = source.unpacked();
    CHECK(deviations(unpacked).empty());
    CHECK(read_file(unpacked / "data" / source.message(1)) == "short");
    CHECK(read_file(unpacked / "data/accounts/bob/msg" / datadir::message_path(1)) ==
          read_file(root / "accounts/bob/msg" / datadir::message_path(1)));
}

TEST_CASE("large messages and odd names go into an archive and come out of it", "[snapshot][archive]") {
    const ArchiveCase source;
    std::string large = message_text(1);
    while (large.size() < 700'000) large += "a line that makes it larger\r\n";
    {
        auto account = store::Account::open(source.layout, "alice");
        for (int i = 0; i < 40; ++i)
            (void)store::deliver(account, "Inbox", {.received = source.clock.now()},
                                 i % 20 == 7 ? large : message_text(i));
        account.close();
        auto other = store::Account::create(source.layout, std::string(180, 'n') + "m\xc3\xbcll",
                                            store::default_initial_mailboxes(), {.clock = &source.clock});
        (void)store::deliver(other, "Inbox", {.received = source.clock.now()}, message_text(3));
        other.close();
    }
    source.dir.write("config/" + std::string(150, 'c') + "/caf\xe9", std::string(3'000'000, 'c'));
    Hearing hearing;
    const auto manifest = source.take_archive(hearing);
    CHECK(manifest.complete());
    CHECK(deviations_of(source.file).empty());
    const auto unpacked = source.unpacked();
    require_whole(unpacked);
    CHECK(contents_of(unpacked / "config") == contents_of(source.config));
}

TEST_CASE("an archive that will not do is refused and left alone", "[snapshot][archive]") {
    const ArchiveCase source;
    Hearing hearing;
    const auto refused = [&](const fs::path& file) {
        try {
            (void)snapshot::take_archive(source.options(), {.file = file}, hearing);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    source.dir.write("there.tar.zst", "old");
    CHECK_THAT(refused(source.dir / "there.tar.zst"), Catch::Contains("exists already"));
    CHECK(read_file(source.dir / "there.tar.zst") == "old");
    CHECK_THAT(refused(source.dir / "config"), Catch::Contains("is inside of the configuration"));
    fs::create_directory(source.dir / "folder.tar");
    CHECK_THAT(refused(source.dir / "folder.tar"), Catch::Contains("exists and is no file"));
    CHECK_THAT(refused(source.dir / "no/where.tar"), Catch::Contains("no directory"));
    CHECK_THAT(refused(source.layout.root() / "x.tar"), Catch::Contains("inside of the data directory"));
    source.dir.write("mox.tar.zst.partial/mine", "mine");
    CHECK_THAT(refused(source.file), Catch::Contains("not an empty directory"));
    CHECK(read_file(source.partial / "mine") == "mine");
}

TEST_CASE("what a killed run left of an archive is replaced by the next, and never by two at a time",
          "[snapshot][archive]") {
    const ArchiveCase source;
    source.dir.write("mox.tar.zst.partial/.incomplete", "");
    source.dir.write("mox.tar.zst.partial/archive", "half");
    source.dir.write("mox.tar.zst.partial/data/accounts/alice/index.db", "half");
    CHECK(snapshot::plan_archive(source.options(), source.file).replaces_incomplete);
    Hearing hearing;
    {
        const UniqueFd other(::open((source.partial / ".incomplete").c_str(), O_WRONLY | O_CLOEXEC));
        REQUIRE(::flock(other.get(), LOCK_EX) == 0);
        CHECK_THROWS_WITH(source.take_archive(hearing), Catch::Contains("another backup is writing"));
    }
    CHECK(source.take_archive(hearing).complete());
    CHECK_FALSE(status_of(source.partial));
    CHECK(deviations_of(source.file).empty());
}

TEST_CASE("a signal stops an archive and leaves nothing", "[snapshot][archive]") {
    const ArchiveCase source;
    // Without what SQLite leaves beside a database that was read: empty side files.
    const auto everything = [&] {
        auto files = contents_of(source.dir.path());
        std::erase_if(files,
                      [](const auto& file) { return file.first.ends_with("-wal") || file.first.ends_with("-shm"); });
        return files;
    };
    const auto before = everything();
    Hearing hearing;
    hearing.on_stored = [] { set_interrupted_by(2); };
    CHECK_THROWS_AS(source.take_archive(hearing), Interrupted);
    set_interrupted_by(0);
    CHECK(everything() == before);
}

TEST_CASE("an archive gives single messages to a restore", "[snapshot][archive]") {
    const ArchiveCase source;
    Hearing hearing;
    const auto manifest = source.take_archive(hearing);
    const TempDir scratch;
    {
        const auto archive = snapshot::open_source(source.file, scratch.path());
        CHECK(archive->path() == source.file);
        CHECK(*archive->manifest() == manifest);
        CHECK_FALSE(archive->has_message_files());
        CHECK(contents_of(archive->config()) == contents_of(source.config));
        CHECK(read_file(archive->data() / "acme/keycerts/example.org") == "key");
        auto database = snapshot::open_copy(archive->data() / "accounts/alice/index.db", store::account_schema());
        CHECK(database.value<int>("SELECT count(*) FROM message") == 5);
        CHECK(contents_of(archive->data() / "accounts/alice/msg").size() <= 1);  // folders

        const std::set<std::string> wanted{source.message(1), source.message(3), "accounts/alice/msg/a/4000"};
        Files found;
        archive->read_messages([&](std::string_view path) { return wanted.contains(std::string(path)); },
                               [&](const snapshot::PassingFile& file) {
                                   std::string text;
                                   file.read([&](std::span<const std::byte> bytes) { text += as_text(bytes); });
                                   CHECK(static_cast<std::int64_t>(text.size()) == file.size_bytes);
                                   found[std::string(file.path)] = text;
                                   return true;
                               });
        CHECK(found == Files{{source.message(1), read_file(source.layout.root() / source.message(1))},
                             {source.message(3), read_file(source.layout.root() / source.message(3))}});
        int visits = 0;
        const auto all = [](std::string_view) { return true; };
        archive->read_messages(all, [&](const auto&) { return ++visits < 3; });
        CHECK(visits == 3);
        visits = 0;
        archive->read_messages(all, [&](const auto&) { return ++visits > 0; });  // none of them read
        CHECK(visits == 10);
    }
    CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("an archive that is damaged is no source", "[snapshot][archive]") {
    const ArchiveCase source;
    Hearing hearing;
    (void)source.take_archive(hearing);
    const std::string whole = read_file(source.file);
    const TempDir scratch;
    const auto opened = [&](const fs::path& file) {
        try {
            (void)snapshot::open_source(file, scratch.path());
        } catch (const Error& error) {
            return error.code();
        }
        return Errc::usage;
    };
    CHECK(opened(source.dir.write("cut", whole.substr(0, whole.size() / 2))) == Errc::corrupt);
    CHECK(opened(source.dir.write("more", whole + "x")) == Errc::corrupt);
    CHECK(opened(source.dir.write("other", "no archive at all")) == Errc::unknown_format);
    CHECK(opened(source.dir / "missing") == Errc::not_found);
    CHECK(fs::is_empty(scratch.path()));
}
