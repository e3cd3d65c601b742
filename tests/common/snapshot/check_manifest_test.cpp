#include "snapshot/check_manifest.hpp"

#include <unistd.h>

#include "common/snapshot/fixture.hpp"

using namespace mox;
using namespace mox::test;

TEST_CASE("every change of a snapshot is a deviation from its manifest", "[snapshot]") {
    const Source source;
    Hearing hearing;
    (void)source.take(hearing);
    const std::string first = "data/" + source.message(0);
    struct Row {
        const char* name;
        std::function<void(const fs::path&)> damage;
        std::vector<std::string> expected;
    };
    const std::vector<Row> rows{
        {"nothing", [](const fs::path&) {}, {}},
        {"a file is gone",
         [](const fs::path& s) { fs::remove(s / "data/receivedid.key"); },
         {"data/receivedid.key: missing"}},
        {"a byte differs",
         [](const fs::path& s) { std::ofstream(s / "data/receivedid.key") << "123456789012345678901235"; },
         {"data/receivedid.key: other contents: the SHA-256 differs"}},
        {"a file is longer",
         [](const fs::path& s) { std::ofstream(s / "config/mox.conf", std::ios::app) << "#"; },
         {"config/mox.conf: 20 bytes instead of 19"}},
        {"a file is a directory",
         [](const fs::path& s) {
             fs::remove(s / "config/mox.conf");
             fs::create_directory(s / "config/mox.conf");
         },
         {"config/mox.conf: is a folder"}},
        {"a link points elsewhere",
         [](const fs::path& s) {
             fs::remove(s / "config/link");
             fs::create_symlink("mox.cnof", s / "config/link");
         },
         {"config/link: other contents: the SHA-256 differs"}},
        {"a link is a file",
         [](const fs::path& s) {
             fs::remove(s / "config/link");
             std::ofstream(s / "config/link") << "x";
         },
         {"config/link: no symbolic link"}},
        {"a file more",
         [](const fs::path& s) { std::ofstream(s / "data/extra"); },
         {"data/extra: not in the manifest"}},
        {"a file more beside", [](const fs::path& s) { std::ofstream(s / "extra"); }, {"extra: not in the manifest"}},
        {"a message more",
         [](const fs::path& s) { std::ofstream(s / "data/accounts/alice/msg/a/5000"); },
         {"data/accounts/alice/msg/a/5000: neither in the manifest nor in a database"}},
        {"a message less", [&](const fs::path& s) { fs::remove(s / first); }, {"data: 9 message files instead of 10"}},
        {"side files",
         [](const fs::path& s) { std::ofstream(s / "data/accounts/alice/index.db-wal"); },
         {"data/accounts/alice/index.db-wal: not in the manifest"}},
        {"no manifest",
         [](const fs::path& s) { fs::remove(s / "manifest.json"); },
         {"manifest.json: '$' has no manifest.json"}},
        {"the mark is left, as by a kill in the last moment",
         [](const fs::path& s) { std::ofstream(s / ".incomplete"); },
         {}},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        const fs::path copy = source.dir / "copy";
        fs::copy(source.dest, copy, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        row.damage(copy);
        auto expected = row.expected;
        for (auto& text : expected)
            if (const auto at = text.find('$'); at != std::string::npos) text.replace(at, 1, copy.native());
        CHECK(deviations(copy) == expected);
        fs::remove_all(copy);
    }
}

TEST_CASE("a damaged manifest is a deviation, a missing snapshot an error", "[snapshot]") {
    const TempDir dir;
    dir.write("s/manifest.json", "{}");
    const auto found = deviations(dir / "s");
    REQUIRE(found.size() == 1);
    CHECK(found[0].starts_with("manifest.json: '"));
    CHECK(found[0].ends_with("line 1: does not end with its own hash: cut off or changed"));
    CHECK_THROWS_AS(deviations(dir / "missing"), Error);
}
