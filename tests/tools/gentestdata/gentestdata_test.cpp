#include <signal.h>
#include <unistd.h>

#include "base/interrupt.hpp"
#include "fixture.hpp"
#include "support/mounts.hpp"
#include "tools/gentestdata/filler.hpp"

using namespace mox;
using namespace mox::test;

namespace {

std::int64_t placements_in(const datadir::Layout& layout, std::string_view name) {
    auto account = store::Account::open(layout, name, {.access = db::Access::read_write});
    return account.database().value<std::int64_t>("SELECT count(*) FROM placement").value();
}

}  // namespace

TEST_CASE("made-up mail has as many accounts and messages as were asked for", "[gentestdata]") {
    struct Row {
        int accounts, messages;
    };
    const auto row = GENERATE(values<Row>({{1, 0}, {1, 1}, {3, 40}, {12, 2}}));
    INFO(row.accounts << " accounts, " << row.messages << " messages");
    const TempDir folder;
    const auto done = generate(
        folder / "data", {"--accounts", std::to_string(row.accounts), "--messages", std::to_string(row.messages)});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.out == quote((folder / "data").string()) + ": " + std::to_string(row.accounts) +
                          (row.accounts == 1 ? " account, " : " accounts, ") +
                          std::to_string(row.accounts * row.messages) +
                          (row.accounts * row.messages == 1 ? " message\n" : " messages\n"));
    const auto layout = datadir::open(folder / "data");
    const auto names = datadir::account_names(layout);
    CHECK(static_cast<int>(names.size()) == row.accounts);
    for (const auto& name : names) {
        INFO(name);
        CHECK(placements_in(layout, name) == row.messages);
        CHECK(static_cast<int>(files_below(layout.messages(name)).size()) == row.messages);
    }
    CHECK(files_below(layout.tmp()).empty());
}

TEST_CASE("the same seed gives the same made-up mail, however many threads write it, and another seed other mail",
          "[gentestdata]") {
    const TempDir folder;
    const auto make = [&](const std::string& name, std::vector<std::string> options) {
        options.insert(options.end(), {"--accounts", "2", "--messages", "60"});
        REQUIRE(generate(folder / name, options).exit_code == 0);
        return logical_dump(folder / name);
    };
    const auto first = make("a", {});
    REQUIRE(first.size() > 240);
    CHECK(make("b", {"--seed", "1", "--jobs", "1"}) == first);
    CHECK(make("c", {"--jobs", "4"}) == first);
    CHECK(make("d", {"--seed", "2"}) != first);
    CHECK(make("e", {"--seed", "9223372036854775807"}) != first);
}

TEST_CASE("made-up messages have CRLF line ends and belong to conversations", "[gentestdata]") {
    for (int i = 0; i < 50; ++i) {
        const std::string text = gentestdata::made_up_message(7, i);
        CHECK(text == gentestdata::made_up_message(7, i));
        CHECK(text != gentestdata::made_up_message(8, i));
        CHECK(text.ends_with("\r\n"));
        CHECK(text.size() > 400);
        CHECK(std::count(text.begin(), text.end(), '\n') == std::count(text.begin(), text.end(), '\r'));
        CHECK((text.find("\r\nReferences: ") == std::string::npos) == (i % 5 == 0));
    }
}

TEST_CASE("a destination that is in use is refused and left alone", "[gentestdata]") {
    struct Row {
        std::string what;
        std::function<void(const fs::path&)> make;
        int exit_code;
        std::string part;
    };
    const auto row = GENERATE(values<Row>({
        {"a folder with a file",
         [](const auto& path) {
             fs::create_directory(path);
             std::ofstream(path / ".x") << "x";
         },
         1, "data' exists and is not empty"},
        {"a folder with a folder", [](const auto& path) { fs::create_directories(path / "x"); }, 1,
         "data' exists and is not empty"},
        {"a data directory", [](const auto& path) { (void)generate(path); }, 1, "data' exists and is not empty"},
        {"a file", [](const auto& path) { std::ofstream(path) << "x"; }, 1, "data' exists and is no folder"},
        {"a link to a file",
         [](const auto& path) {
             std::ofstream(path.parent_path() / "f") << "x";
             fs::create_symlink("f", path);
         },
         1, "data' exists and is no folder"},
        {"a link to nothing", [](const auto& path) { fs::create_symlink("nowhere", path); }, 1,
         "data' exists and is no folder"},
    }));
    INFO(row.what);
    const TempDir folder;
    row.make(folder / "data");
    const auto before = dump_tree(folder.path());
    const auto done = generate(folder / "data");
    INFO(done.err);
    CHECK(done.exit_code == row.exit_code);
    CHECK(done.out.empty());
    CHECK(done.err.find(row.part) != std::string::npos);
    CHECK(dump_tree(folder.path()) == before);
}

TEST_CASE("an empty folder is taken as the destination", "[gentestdata]") {
    const TempDir folder;
    fs::create_directory(folder / "data");
    CHECK(generate(folder / "data").exit_code == 0);
    CHECK(datadir::account_names(datadir::open(folder / "data")).size() == 4);
}

TEST_CASE("numbers that make no sense are usage errors", "[gentestdata]") {
    const TempDir folder;
    const auto words = GENERATE(values<std::vector<std::string>>({{"--accounts", "-1"},
                                                                  {"--accounts", "1000001"},
                                                                  {"--accounts", "x"},
                                                                  {"--messages", "-1"},
                                                                  {"--messages", "1.5"},
                                                                  {"--seed", "-1"},
                                                                  {"--seed", "x"},
                                                                  {"--seed", "9223372036854775808"},
                                                                  {"--jobs", "-1"}}));
    const auto done = generate(folder / "data", words);
    INFO(words[0] << ' ' << words[1] << ": " << done.err);
    CHECK(done.exit_code == 2);
    CHECK_FALSE(fs::exists(folder / "data"));
}

TEST_CASE("a destination below nothing is not found", "[gentestdata]") {
    const TempDir folder;
    CHECK(generate(folder / "no" / "data").exit_code == 10);
    CHECK_FALSE(fs::exists(folder / "no"));
}

TEST_CASE("an interrupted run leaves nothing, or the empty folder that was there", "[gentestdata]") {
    const TempDir folder;
    fs::create_directory(folder / "empty");
    for (const char* name : {"missing", "empty"}) {
        set_interrupted_by(SIGTERM);
        const auto done = generate(folder / name, {"--accounts", "2", "--messages", "50"});
        set_interrupted_by(0);
        CHECK(done.exit_code == 128 + SIGTERM);
    }
    CHECK(dump_tree(folder.path()) == std::map<std::string, std::string>{{"empty", ""}});
}

TEST_CASE("a full disk leaves nothing", "[gentestdata]") {
    const TempDir folder;
    const auto mounted = Mounted::small(folder / "small", 1U << 20U);
    if (!mounted) return;
    const auto before = dump_tree(folder.path());
    const auto options = GENERATE(values<std::vector<std::string>>({{}, {"--accounts", "1", "--messages", "500"}}));
    auto words = options;
    words.emplace_back("--json");
    const auto done = generate(folder / "small" / "data", words);
    INFO(done.out);
    CHECK(done.exit_code == 1);
    CHECK(done.out.find("\"code\":\"no_space\"") != std::string::npos);
    CHECK(dump_tree(folder.path()) == before);
}
