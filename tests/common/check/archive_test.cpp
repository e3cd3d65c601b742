#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "archive/reader.hpp"
#include "archive/writer.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "check/verify.hpp"
#include "snapshot/archive_contents.hpp"
#include "snapshot/take.hpp"
#include "support/healthy_directory.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

struct Item {
    archive::Member member;
    std::string contents;
};

std::vector<Item> members_of(const fs::path& file) {
    std::vector<Item> items;
    auto reader = archive::open_archive(file);
    std::vector<std::byte> buffer(4096);
    while (auto member = reader.next()) {
        Item item{std::move(*member), {}};
        while (const std::size_t count = reader.read(buffer)) item.contents += as_text(std::span(buffer).first(count));
        items.push_back(std::move(item));
    }
    return items;
}

std::string pack(const std::vector<Item>& items, archive::Format format = archive::Format::tar) {
    std::string out;
    archive::Writer writer({.format = format}, [&](std::span<const std::byte> bytes) { out += as_text(bytes); });
    for (auto item : items) {
        if (item.member.kind == archive::Kind::file)
            item.member.size_bytes = static_cast<std::int64_t>(item.contents.size());
        writer.add(item.member);
        if (item.member.kind == archive::Kind::file) writer.write(as_bytes(item.contents));
    }
    writer.finish();
    return out;
}

// A healthy directory, its archive, and what verification says of that after a change.
class Archived {
public:
    explicit Archived(const std::string& name = "whole.tar") : file_(data_.temp() / name) {
        data_.temp().write("config/mox.conf", "DataDir: ../data\n");
        fs::create_symlink("mox.conf", data_.temp() / "config/link");
        snapshot::Observer nobody;
        const snapshot::TakeOptions options{
            .data_dir = data_.layout().root(), .config_dir = data_.temp() / "config", .jobs = 2};
        manifest_ =
            snapshot::take_archive(options, {.file = file_, .write = {.format = *archive::format_of(name)}}, nobody);
    }

    [[nodiscard]] std::vector<std::string> findings(std::string_view bytes) const {
        const fs::path file = data_.temp().write("changed", bytes);
        const TempDir folder;
        auto reader = archive::open_archive(file);
        const auto contents = snapshot::read_archive(reader, "changed", folder.path(), snapshot::Unpack::databases, {});
        std::vector<std::string> found;
        const check::Options options{
            .contents = check::Contents::hashes, .jobs = 2, .snapshot = folder.path(), .archive = &contents};
        last_ = check::verify(datadir::Layout(folder.path() / "data"), options, [&](const check::Finding& finding) {
            found.push_back(finding.path + ": " + finding.detail + " [" + std::string(finding.check) + "]");
        });
        for (const auto& entry : fs::directory_iterator(folder.path()))
            CHECK((entry.path().filename() == "data" || entry.path().filename() == "config"));
        return found;
    }
    [[nodiscard]] std::vector<std::string> findings(const std::vector<Item>& items) const {
        return findings(pack(items));
    }
    [[nodiscard]] std::vector<Item> members() const { return members_of(file_); }
    [[nodiscard]] std::string bytes() const { return read_file(file_); }
    [[nodiscard]] const snapshot::Manifest& manifest() const { return manifest_; }
    [[nodiscard]] const check::Summary& last() const { return last_; }
    [[nodiscard]] const HealthyDirectory& data() const { return data_; }

private:
    HealthyDirectory data_;
    fs::path file_;
    snapshot::Manifest manifest_;
    mutable check::Summary last_;
};

Item& member(std::vector<Item>& items, const std::string& path) {
    const auto found = std::ranges::find(items, path, [](const Item& item) { return item.member.path; });
    REQUIRE(found != items.end());
    return *found;
}

std::size_t place(const std::vector<Item>& items, const std::string& path) {
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].member.path == path) return i;
    FAIL("no member " << path);
    return 0;
}

using Findings = std::vector<std::string>;
const std::string first = "data/accounts/alice/msg/a/1", second = "data/accounts/alice/msg/a/2";

}  // namespace

TEST_CASE("an archive of a healthy directory keeps every promise", "[check][archive]") {
    const auto* const name = GENERATE("whole.tar", "whole.tar.gz", "whole.tar.zst");
    const Archived archived(name);
    CHECK(archived.manifest().complete());
    CHECK(archived.findings(archived.bytes()) == Findings{});
    CHECK(archived.last().accounts == 2);
    CHECK(static_cast<std::int64_t>(archived.last().messages) ==
          archived.manifest().totals.messages + archived.manifest().totals.queued_messages);
}

TEST_CASE("an archive has databases first, each folder's messages by id, and the manifest last", "[check][archive]") {
    const Archived archived;
    const auto items = archived.members();
    CHECK(items.back().member.path == "manifest.json");
    CHECK(place(items, "data/accounts/alice/index.db") < place(items, "config/mox.conf"));
    CHECK(place(items, "config/mox.conf") < place(items, first));
    CHECK(place(items, first) < place(items, second));
    CHECK(archived.findings(items) == Findings{});
}

TEST_CASE("the order of an archive's members does not matter, but that the manifest is the last", "[check][archive]") {
    const Archived archived;
    auto items = archived.members();
    std::reverse(items.begin(), items.end() - 1);
    CHECK(archived.findings(items) == Findings{});
    std::rotate(items.begin(), items.end() - 1, items.end());
    const auto found = archived.findings(items);
    REQUIRE_FALSE(found.empty());
    CHECK_THAT(found.front(), Catch::Contains("comes behind the manifest"));
}

TEST_CASE("each way to damage an archive is found where it is", "[check][archive]") {
    const Archived archived;
    auto items = archived.members();
    const std::size_t last = items.size() - 1;
    Findings expected;
    SECTION("a message's contents") {
        member(items, first).contents.back() ^= 1;
        expected = {"accounts/alice/msg/a/1: has other contents than were stored [message-hash]"};
    }
    SECTION("a message that became shorter") {
        auto& text = member(items, first).contents;
        const auto size = text.size();
        text.pop_back();
        expected = {"accounts/alice/msg/a/1: has " + std::to_string(size - 1) + " bytes, should have " +
                    std::to_string(size) + " [message-size]"};
    }
    SECTION("two messages that changed places") {
        std::swap(member(items, first).contents, member(items, second).contents);
        const auto found = archived.findings(items);
        for (const auto* path : {"accounts/alice/msg/a/1: ", "accounts/alice/msg/a/2: "})
            CHECK(std::ranges::any_of(found, [&](const auto& text) { return text.starts_with(path); }));
        return;
    }
    SECTION("a message that is missing") {
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(place(items, first)));
        const auto total = std::to_string(archived.manifest().totals.message_files);
        const auto left = std::to_string(archived.manifest().totals.message_files - 1);
        expected = {"accounts/alice/msg/a/1: is missing [message-file]",
                    "../data: " + left + " message files instead of " + total + " [manifest]"};
    }
    SECTION("a message that is there twice") {
        items.insert(items.begin() + 3, member(items, first));
        expected = {"accounts/alice/msg/a/1: comes twice [archive]"};
    }
    SECTION("a message under another id") {
        member(items, first).member.path = "data/accounts/alice/msg/a/4000";
        const auto found = archived.findings(items);
        const auto has = [&](const std::string& text) { return std::ranges::count(found, text) == 1; };
        CHECK(has("accounts/alice/msg/a/1: is missing [message-file]"));
        CHECK(has("accounts/alice/msg/a/4000: is a regular file that no message explains [stray-file]"));
        CHECK(has("accounts/alice/msg/a/4000: neither in the manifest nor in a database [manifest]"));
        return;
    }
    SECTION("a message that is a link") {
        auto& item = member(items, first);
        item.member.kind = archive::Kind::symlink;
        item.member.link_target = "/etc/passwd";
        const auto found = archived.findings(items);
        CHECK(std::ranges::count(
                  found, "accounts/alice/msg/a/1: is a symbolic link, which no snapshot has here [archive]") == 1);
        CHECK(std::ranges::count(found, "accounts/alice/msg/a/1: is missing [message-file]") == 1);
        return;
    }
    SECTION("a database's contents") {
        member(items, "data/accounts/alice/index.db").contents[5000] ^= 1;
        const auto found = archived.findings(items);
        CHECK(std::ranges::count(found, "accounts/alice/index.db: other contents: the SHA-256 differs [manifest]") ==
              1);
        return;
    }
    SECTION("a database that is missing") {
        items.erase(items.begin() + static_cast<std::ptrdiff_t>(place(items, "data/accounts/alice/index.db")));
        const auto found = archived.findings(items);
        CHECK(std::ranges::count(found, "accounts/alice/index.db: is missing [database]") == 1);
        CHECK(std::ranges::count(found, "accounts/alice/index.db: missing [manifest]") == 1);
        return;
    }
    SECTION("a file of the configuration") {
        member(items, "config/mox.conf").contents[0] ^= 1;
        expected = {"../config/mox.conf: other contents: the SHA-256 differs [manifest]"};
    }
    SECTION("a link of the configuration") {
        member(items, "config/link").member.link_target = "mox.cont";
        expected = {"../config/link: other contents: the SHA-256 differs [manifest]"};
    }
    SECTION("a file that nobody listed") {
        items.insert(items.begin(), {{.path = "config/more", .kind = archive::Kind::file}, "x"});
        expected = {"../config/more: not in the manifest [manifest]"};
    }
    SECTION("a name that leads out") {
        const auto* const name =
            GENERATE("../outside", "data/../../outside", "/outside", "data/accounts/../x/..", "elsewhere/x", "data//x");
        items.insert(items.begin(), {{.path = name, .kind = archive::Kind::file}, "x"});
        const auto found = archived.findings(items);
        REQUIRE(found.size() == 1);
        CHECK_THAT(found.front(), Catch::Contains("cannot be the name of a file of a snapshot"));
        CHECK_FALSE(status_of(archived.data().temp() / "outside"));
        return;
    }
    SECTION("a file where a folder should be") {
        items.insert(items.begin(), {{.path = "data/accounts", .kind = archive::Kind::file}, "x"});
        CHECK_FALSE(archived.findings(items).empty());
        return;
    }
    SECTION("the manifest") {
        items[last].contents[items[last].contents.size() / 2] ^= 1;
        const auto found = archived.findings(items);
        REQUIRE(found.size() == 1);
        CHECK(found.front().starts_with("../manifest.json: "));
        return;
    }
    SECTION("a manifest that is missing") {
        items.pop_back();
        expected = {"../manifest.json: missing: the archive is not complete [archive]"};
    }
    SECTION("another owner") {
        member(items, first).member.user += 1;
        const auto found = archived.findings(items);
        REQUIRE(found.size() == 1);
        CHECK_THAT(found.front(), Catch::Contains("accounts/alice/msg/a/1: belongs to user"));
        return;
    }
    auto found = archived.findings(items);
    std::ranges::sort(found);
    std::ranges::sort(expected);
    CHECK(found == expected);
}

TEST_CASE("a flipped bit anywhere in an archive is found, or changes nothing that is unpacked", "[check][archive]") {
    const auto* const name = GENERATE("whole.tar", "whole.tar.zst");
    const Archived archived(name);
    const std::string whole = archived.bytes();
    const auto members = archived.members();
    std::mt19937 random(1);  // NOLINT: the same places every time
    for (int i = 0; i < 25; ++i) {
        std::string bytes = whole;
        const std::size_t at = random() % bytes.size();
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << (random() % 8)));
        INFO(name << " byte " << at);
        bool is_found = false;
        try {
            is_found = !archived.findings(bytes).empty();
        } catch (const Error& error) {  // its first bytes: no archive at all
            is_found = error.code() == Errc::unknown_format;
        }
        if (is_found) continue;
        const auto same = members_of(archived.data().temp() / "changed");
        REQUIRE(same.size() == members.size());
        for (std::size_t m = 0; m < members.size(); ++m) {
            CHECK(same[m].member.path == members[m].member.path);
            CHECK(same[m].contents == members[m].contents);
        }
    }
}

TEST_CASE("an archive that was cut off is found", "[check][archive]") {
    const auto* const name = GENERATE("whole.tar", "whole.tar.zst", "whole.tar.gz");
    const Archived archived(name);
    const std::string whole = archived.bytes();
    for (const std::size_t part : {1U, 3U, 7U, 9U}) {
        const auto found = archived.findings(whole.substr(0, whole.size() * part / 10));
        CHECK(std::ranges::count(found, "../manifest.json: missing: the archive is not complete [archive]") == 1);
    }
    CHECK_FALSE(archived.findings(whole + "x").empty());
}
