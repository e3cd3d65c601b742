#include <fcntl.h>

#include <catch2/catch.hpp>

#include "archive/reader.hpp"
#include "archive/writer.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "support/pack.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::test;
using namespace mox::archive;

namespace {

struct Item {
    std::string path, contents;
    Kind kind = Kind::file;
    mode_t mode = 0640;
};

std::string pack(const std::vector<Item>& items, const WriteOptions& options) {
    std::string out;
    Writer writer(options, [&](std::span<const std::byte> bytes) { out += as_text(bytes); });
    for (const auto& item : items) {
        const bool is_file = item.kind == Kind::file;
        writer.add({.path = item.path,
                    .kind = item.kind,
                    .link_target = item.kind == Kind::symlink ? item.contents : std::string(),
                    .size_bytes = is_file ? static_cast<std::int64_t>(item.contents.size()) : 0,
                    .mode = item.mode,
                    .user = 1001,
                    .group = 3'000'000,
                    .modified = 1'700'000'000});
        if (is_file) writer.write(as_bytes(item.contents));
    }
    writer.finish();
    return out;
}

std::string contents_of(Reader& reader, std::size_t piece = 1000) {
    std::string text;
    std::vector<std::byte> buffer(piece);
    while (const std::size_t count = reader.read(buffer)) text += as_text(std::span(buffer).first(count));
    return text;
}

Reader open_bytes(const TempDir& dir, std::string_view bytes, Accept accept = Accept::tar, const Limits& limits = {}) {
    return open_archive(dir.write("in", bytes), accept, limits);
}

// "path=contents" of every member, or the message of what was thrown, last.
std::vector<std::string> read_all(const TempDir& dir, std::string_view bytes, Accept accept = Accept::tar,
                                  const Limits& limits = {}) {
    std::vector<std::string> found;
    try {
        auto reader = open_bytes(dir, bytes, accept, limits);
        while (const auto member = reader.next()) found.push_back(member->path + "=" + contents_of(reader));
    } catch (const Error& error) {
        std::string text = error.what();
        const std::string name = quote((dir / "in").native());
        if (const auto at = text.find(name); at != std::string::npos) text.replace(at, name.size(), "IN");
        found.push_back(text);
    }
    return found;
}

const std::vector<Item> plain_items{
    {"a", "first"}, {"folder", "", Kind::folder, 0750}, {"folder/b", std::string(5000, 'b')}};

}  // namespace

TEST_CASE("an archive gives back the members that were written", "[archive]") {
    const auto format = GENERATE(Format::tar, Format::tar_gzip, Format::tar_zstd);
    const unsigned threads = GENERATE(1U, 3U);
    const TempDir dir;
    const std::vector<Item> items{
        {"data", "", Kind::folder, 0750},
        {"data/empty", ""},
        {"data/" + std::string(300, 'n') + "/" + std::string(90, 'm'), "long name"},
        {"data/caf\xc3\xa9", "UTF-8"},
        {"data/cafe\xcc\x81", "UTF-8, decomposed"},
        {"data/caf\xe9", "not UTF-8"},
        {"data/" + std::string(300, 'n') + "\xe9", "long and not UTF-8"},
        {"data/big", std::string(700'000, 'x') + "end", Kind::file, 0604},
        {"config/link", "../data/caf\xc3\xa9", Kind::symlink, 0777},
    };
    auto reader = open_bytes(dir, pack(items, {.format = format, .threads = threads}));
    for (const auto& item : items) {
        INFO(item.path);
        const auto member = reader.next();
        REQUIRE(member);
        CHECK(member->path == item.path);
        CHECK(member->kind == item.kind);
        CHECK(member->mode == item.mode);
        CHECK(member->user == 1001);
        CHECK(member->group == 3'000'000);
        CHECK(member->modified == 1'700'000'000);
        if (item.kind == Kind::symlink) CHECK(member->link_target == item.contents);
        if (item.kind != Kind::file) continue;
        CHECK(member->size_bytes == static_cast<std::int64_t>(item.contents.size()));
        CHECK(contents_of(reader) == item.contents);
    }
    CHECK_FALSE(reader.next());
    CHECK(reader.total_bytes() == reader.bytes_read());
}

TEST_CASE("GNU tar reads what the writer makes and the reader what GNU tar makes", "[archive]") {
    const TempDir dir;
    const std::string long_name = std::string(150, 'n') + "/" + std::string(150, 'm');
    dir.write("in.tar.zst", pack({{"plain", "1"}, {"caf\xc3\xa9", "2"}, {"caf\xe9", "3"}, {long_name, "4"}}, {}));
    std::filesystem::create_directory(dir / "out");
    const auto unpacked = run_program({"tar", "-C", dir / "out", "-xf", dir / "in.tar.zst"});
    INFO(unpacked.err);
    REQUIRE(unpacked.exit_code == 0);
    CHECK(read_file(dir / "out/plain") == "1");
    CHECK(read_file(dir / "out/caf\xc3\xa9") == "2");
    CHECK(read_file(dir / "out/caf\xe9") == "3");
    CHECK(read_file(dir / "out" / long_name) == "4");

    const auto* const format = GENERATE("gnu", "pax", "ustar");
    std::filesystem::remove_all(dir / "out" / std::string(150, 'n'));
    REQUIRE(run_program({"tar", "-C", dir / "out", "--sort=name", std::string("--format=") + format, "--owner=0",
                         "--group=0", "-czf", dir / "out.tgz", "."})
                .exit_code == 0);
    auto reader = open_archive(dir / "out.tgz");
    std::vector<std::string> names;
    while (const auto member = reader.next()) names.push_back(member->path);
    CHECK(names == std::vector<std::string>{".", "caf\xc3\xa9", "caf\xe9", "plain"});
}

TEST_CASE("an archive that was cut off is told from a complete one at every length", "[archive]") {
    const auto format = GENERATE(Format::tar, Format::tar_gzip, Format::tar_zstd);
    const TempDir dir;
    const std::string whole = pack(plain_items, {.format = format});
    REQUIRE(read_all(dir, whole).back() == "folder/b=" + std::string(5000, 'b'));
    // A tar without its second block of zeros, or with half of it, lacks nothing.
    const std::size_t longest = format == Format::tar ? whole.size() - 1024 : whole.size() - 1;
    for (std::size_t size = 0; size <= longest; size += size < 40 || longest - size < 40 ? 1 : 97) {
        INFO(size);
        CHECK(read_all(dir, whole.substr(0, size)).back().starts_with("IN: "));
    }
}

TEST_CASE("an archive with something behind its end is refused", "[archive]") {
    const auto format = GENERATE(Format::tar, Format::tar_gzip, Format::tar_zstd);
    const TempDir dir;
    const std::string whole = pack(plain_items, {.format = format});
    for (const std::string& rest : {std::string("x"), std::string(511, 'x'), std::string(600, 'x'),
                                    std::string(300'000, '\0') + "x", std::string(1'000'000, 'x')}) {
        INFO(rest.size());
        const auto found = read_all(dir, whole + rest);
        CHECK(found.back().starts_with("IN: "));
    }
}

TEST_CASE("a zip whose directory is cut off is told from a complete one", "[archive]") {
    const TempDir dir;
    pack(dir / "a.zip", {{.path = "a", .contents = "first"}, {.path = "b", .contents = std::string(5000, 'b')}});
    const std::string whole = read_file(dir / "a.zip");
    const auto complete = read_all(dir, whole, Accept::tar_or_zip);
    REQUIRE(complete == std::vector<std::string>{"a=first", "b=" + std::string(5000, 'b')});
    for (std::size_t size = 1; size < whole.size(); ++size) {
        INFO(size << " of " << whole.size());
        CHECK(read_all(dir, whole.substr(0, size), Accept::tar_or_zip).back().starts_with("IN: "));
    }
    // A comment at the end belongs to it.
    std::string commented = whole;
    commented[whole.size() - 2] = 5;
    CHECK(read_all(dir, commented + "hello", Accept::tar_or_zip) == complete);
    CHECK(read_all(dir, commented + "hell", Accept::tar_or_zip).back().starts_with("IN: "));
}

TEST_CASE("zeros behind the end of a tar are its padding", "[archive]") {
    const TempDir dir;
    const std::string whole = pack(plain_items, {.format = Format::tar});
    CHECK(read_all(dir, whole + std::string(9 * 512, '\0')).size() == 3);
    CHECK(read_all(dir, whole + std::string(1'000'448, '\0')).size() == 3);
}

TEST_CASE("files that are no archives are told as such", "[archive]") {
    const TempDir dir;
    for (const std::string& bytes : {std::string(), std::string("x"),
                                     std::string("From a@b Mon Jan  1 00:00:00 2024\n"), std::string(100'000, 'x')}) {
        try {
            (void)open_bytes(dir, bytes).next();
            FAIL("read " << bytes.size());
        } catch (const Error& error) {
            INFO(error.what());
            CHECK(error.code() == Errc::unknown_format);
        }
    }
    CHECK_THROWS_WITH(open_archive(dir.path()), Catch::Contains("is a directory"));
    CHECK_THROWS_WITH(open_archive(dir / "missing"), Catch::Contains("no such file"));
    // What is a zip only for those who ask for one.
    const std::string zip = "PK\x05\x06" + std::string(18, '\0');
    CHECK(read_all(dir, zip).back().ends_with("kind that this program knows"));
    CHECK(read_all(dir, zip, Accept::tar_or_zip).empty());
}

TEST_CASE("limits of a reader end what would be endless", "[archive]") {
    const TempDir dir;
    const std::string bytes = pack({{"a", std::string(40'000'000, '\0')}, {"b", "2"}, {"c", "3"}}, {});
    REQUIRE(bytes.size() < 40'000);
    CHECK(read_all(dir, bytes).size() == 3);
    CHECK(read_all(dir, bytes, Accept::tar, {.most_members = 2}).back() == "IN: has more than 2 members");
    CHECK(read_all(dir, bytes, Accept::tar, {.most_bytes = 40'000'001}).back() ==
          "IN: has more than 40000001 bytes of contents");
    CHECK(read_all(dir, bytes, Accept::tar, {.most_expansion = 100}).back() ==
          "IN: 'a': unpacks to more than 100 times its size");
    // Also where nobody reads the contents.
    auto reader = open_bytes(dir, bytes, Accept::tar, {.most_expansion = 100});
    REQUIRE(reader.next());
    CHECK_THROWS_WITH(reader.next(), Catch::Contains("100 times"));
}

TEST_CASE("names that would lead out of a folder are known", "[archive]") {
    for (const std::string_view path : {"a", "a/b", "..a", "a/..b", "...", "a/.b"}) CHECK(path_problem(path).empty());
    const std::string long_path(4097, 'x');
    for (const std::string_view path :
         {std::string_view(""), std::string_view("/"), std::string_view("/a"), std::string_view(".."),
          std::string_view("a/.."), std::string_view("a/../b"), std::string_view("a//b"), std::string_view("./a"),
          std::string_view("a/."), std::string_view("a/"), std::string_view("a\0b", 3), std::string_view(long_path)})
        CHECK_FALSE(path_problem(path).empty());
}

TEST_CASE("names of formats and files tell the format", "[archive]") {
    CHECK(format_of("x.tar") == Format::tar);
    CHECK(format_of("x.TAR.GZ") == Format::tar_gzip);
    CHECK(format_of("x.tgz") == Format::tar_gzip);
    CHECK(format_of("2026.tar.zst") == Format::tar_zstd);
    for (const auto* name : {"tar", ".tar", "x.zst", "xtar", "x.tar.xz", ""}) CHECK_FALSE(format_of(name));
    for (const auto format : {Format::tar, Format::tar_gzip, Format::tar_zstd})
        CHECK(format_named(to_string(format)) == format);
}

TEST_CASE("a writer passes on what its sink throws and leaves the archive cut off", "[archive]") {
    const TempDir dir;
    std::string out;
    {
        Writer writer({.format = Format::tar}, [&](std::span<const std::byte> bytes) {
            if (out.size() > 600'000) throw Error(Errc::no_space, "full");
            out += as_text(bytes);
        });
        writer.add({.path = "a", .kind = Kind::file, .link_target = {}, .size_bytes = 2'000'000});
        CHECK_THROWS_WITH(writer.write(as_bytes(std::string(2'000'000, 'x'))), "full");
    }
    CHECK(read_all(dir, out).back().starts_with("IN: "));
    out.clear();
    {
        Writer writer({.format = Format::tar_zstd}, [&](std::span<const std::byte> bytes) { out += as_text(bytes); });
        writer.add({.path = "a", .kind = Kind::file, .link_target = {}, .size_bytes = 3});
        writer.write(as_bytes("abc"));
        CHECK_THROWS_WITH(writer.write(as_bytes("d")), Catch::Contains("more contents than announced"));
    }
    CHECK(read_all(dir, out).back().starts_with("IN: "));
}
