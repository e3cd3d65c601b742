#include "base/file.hpp"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "base/copy.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "support/temp_dir.hpp"

using namespace mox;

TEST_CASE("an atomic file appears only when committed and leaves nothing behind otherwise", "[base]") {
    const test::TempDir dir;
    dir.write("f", "old");
    {
        AtomicFile file(dir / "f");
        file.write("new");
    }
    CHECK(read_file(dir / "f") == "old");
    CHECK(list_directory(dir.path()).size() == 1);
    AtomicFile file(dir / "f");
    file.write("new");
    file.commit();
    CHECK(read_file(dir / "f") == "new");
    CHECK(list_directory(dir.path()).size() == 1);
}

TEST_CASE("errors of files name the file and the cause", "[base]") {
    const test::TempDir dir;
    const auto missing = dir / "missing";
    try {
        (void)open_for_reading(missing);
        FAIL("opened a missing file");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::not_found);
        CHECK(std::string(error.what()) == "open '" + missing.string() + "': no such file or directory");
    }
    CHECK_THROWS_AS(create_file(dir.write("there", "")), Error);
    CHECK_THROWS_AS(read_file(dir.write("large", "12345"), 4), Error);
}

TEST_CASE("link or copy keeps contents and refuses what is no regular file", "[base]") {
    const test::TempDir dir;
    const auto source = dir.write("source", std::string(100'000, 'x'));
    CHECK(link_or_copy(source, dir / "linked", {.allow_link = true}) == CopyMethod::link);
    const auto method = link_or_copy(source, dir / "copied", {});
    CHECK((method == CopyMethod::copy || method == CopyMethod::reflink));
    CHECK(read_file(dir / "copied") == read_file(source));
    CHECK(status_of(dir / "linked")->st_ino == status_of(source)->st_ino);
    CHECK(status_of(dir / "copied")->st_ino != status_of(source)->st_ino);
    CHECK_THROWS_AS(link_or_copy(source, dir / "copied", {}), Error);
    CHECK(read_file(dir / "copied").size() == 100'000);
    std::filesystem::create_symlink(source, dir / "link");
    CHECK_THROWS_AS(link_or_copy(dir / "link", dir / "from-link", {}), Error);
    CHECK_THROWS_AS(link_or_copy(dir.path(), dir / "from-directory", {}), Error);
    CHECK_FALSE(status_of(dir / "from-directory"));
}

TEST_CASE("a nameless file can be written and read and leaves nothing behind", "[base]") {
    const test::TempDir dir;
    const auto fd = nameless_file(dir.path());
    CHECK(list_directory(dir.path()).empty());
    write_all(fd.get(), std::string_view("scratch"), dir.path());
    REQUIRE(::lseek(fd.get(), 0, SEEK_SET) == 0);
    std::array<std::byte, 32> bytes{};
    CHECK(as_text(std::span(bytes).first(read_full(fd.get(), bytes, dir.path()))) == "scratch");
    CHECK_THROWS_AS(nameless_file(dir / "missing"), Error);
}

TEST_CASE("SHA-256 agrees with FIPS 180-4 and an object can be used again", "[base]") {
    Sha256 hash;
    for (int round = 0; round < 2; ++round) {
        hash.update(as_bytes("a"));
        hash.update(as_bytes("bc"));
        CHECK(to_hex(hash.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("XXH3 keeps its published values, since they are stored", "[base]") {
    CHECK(xxh3_64(std::string_view()) == 0x2d06800538d394c2);
    CHECK(xxh3_64(std::string_view("abc")) == 0x78af5f94892f3950);
}
