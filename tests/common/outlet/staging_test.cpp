#include "outlet/staging.hpp"

#include <sys/file.h>

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::outlet;

namespace {

Errc code_of(const std::filesystem::path& target, Staging::Kind kind) {
    try {
        const Staging staging(target, kind);
        return Errc::usage;
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find(target.filename().native()) != std::string::npos);
        return error.code();
    }
}

}  // namespace

TEST_CASE("a staged export appears at once and complete, or not at all", "[outlet]") {
    const test::TempDir dir;
    {
        Staging staging(dir / "file", Staging::Kind::file);
        write_all(staging.file().get(), "text", "x");
        CHECK_FALSE(status_of(dir / "file"));
        staging.commit();
    }
    CHECK(read_file(dir / "file") == "text");
    {
        Staging staging(dir / "folder/", Staging::Kind::folder);
        make_directory(staging.path() / "in");
        staging.commit();
    }
    CHECK(directory_exists(dir / "folder/in"));
    {
        Staging staging(dir / "gone", Staging::Kind::folder);
        make_directory(staging.path() / "in");
        const Staging other(dir / "gone2", Staging::Kind::file);
    }
    CHECK(list_directory(dir.path()).size() == 2);
}

TEST_CASE("what exists is never replaced", "[outlet]") {
    const test::TempDir dir;
    dir.write("file", "old");
    make_directory(dir / "empty");
    std::filesystem::create_symlink("nowhere", dir / "link");
    for (const auto kind : {Staging::Kind::file, Staging::Kind::folder})
        for (const std::string name : {"file", "empty", "link"}) CHECK(code_of(dir / name, kind) == Errc::failed);
    CHECK(code_of(dir / "missing/x", Staging::Kind::file) == Errc::not_found);
    {
        Staging staging(dir / "late", Staging::Kind::file);
        dir.write("late", "theirs");
        CHECK_THROWS_AS(staging.commit(), Error);
    }
    {
        Staging staging(dir / "late2", Staging::Kind::folder);
        make_directory(dir / "late2");
        CHECK_THROWS_AS(staging.commit(), Error);
    }
    CHECK(read_file(dir / "late") == "theirs");
    CHECK(list_directory(dir.path()).size() == 5);
}

TEST_CASE("what a killed run left is taken over, what a running one writes is not", "[outlet]") {
    const test::TempDir dir;
    dir.write("file.mox-partial", "half written");
    dir.write("folder.mox-partial/cur/x", "half written");
    {
        Staging file(dir / "file", Staging::Kind::file), folder(dir / "folder", Staging::Kind::folder);
        CHECK(code_of(dir / "file", Staging::Kind::file) == Errc::locked);
        CHECK(code_of(dir / "folder", Staging::Kind::folder) == Errc::locked);
        file.commit();
        folder.commit();
    }
    CHECK(read_file(dir / "file").empty());
    CHECK(list_directory(dir / "folder").empty());
    dir.write("other.mox-partial", "x");
    CHECK(code_of(dir / "other", Staging::Kind::folder) == Errc::failed);
    std::filesystem::create_symlink(dir / "file", dir / "link.mox-partial");
    CHECK(code_of(dir / "link", Staging::Kind::file) == Errc::failed);
    CHECK(list_directory(dir.path()).size() == 4);
}
