#include "server/log/log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using log::Level;

namespace {

struct Fixture {
    log::StringSink sink;
    log::Levels levels;
    FixedClock clock{1'795'343'645};
    log::Log shared{sink, levels, clock};
    log::Logger logger{shared, "imap"};
};

}  // namespace

TEST_CASE("values are written so that a line can be read again", "[log]") {
    struct Row {
        std::string value, written;
    };
    const auto row = GENERATE(values<Row>({
        {"plain", "k=plain"},
        {"", "k=\"\""},
        {"two words", "k=\"two words\""},
        {"a=b", "k=\"a=b\""},
        {"say \"hi\"", "k=\"say \\\"hi\\\"\""},
        {"it's", "k=\"it's\""},
        {"back\\slash", "k=\"back\\\\slash\""},
        {"line\nl=error m=forged", "k=\"line\\nl=error m=forged\""},
        {"\x1b[31m", "k=\"\\x1b[31m\""},
        {"\xff", "k=\"\\xff\""},
        {"gr\xc3\xbc\xc3\x9f", "k=\"gr\xc3\xbc\xc3\x9f\""},
        {std::string(2000, 'x'), "k=" + std::string(1024, 'x') + "..."},
    }));
    std::string line;
    log::append_field(line, "k", row.value);
    CHECK(line == row.written);
}

TEST_CASE("a logger writes level, message, package, its own fields and those of the line", "[log]") {
    Fixture f;
    f.logger.with({"cid", 17}).as("net").info("connection accepted", {{"remote", "192.0.2.1"}, {"count", 3U}});
    CHECK(f.sink.text() == "l=info m=\"connection accepted\" pkg=net cid=17 remote=192.0.2.1 count=3\n");
}

TEST_CASE("levels hold for everything and for single packages, and change at run time", "[log]") {
    Fixture f;
    const auto others = f.logger.as("net");
    f.logger.debug("no");
    f.levels.set("imap", Level::trace);
    f.logger.trace("yes");
    others.debug("no");
    f.levels.set_everything(Level::debug);
    others.debug("also");
    f.levels.set("net", Level::error);
    others.info("no");
    f.levels.set("net", std::nullopt);
    others.info("again");
    f.levels.assign(Level::error);
    f.logger.info("no");
    f.logger.error("last");
    CHECK(f.sink.text() ==
          "l=trace m=yes pkg=imap\nl=debug m=also pkg=net\nl=info m=again pkg=net\nl=error m=last pkg=imap\n");
}

TEST_CASE("the words of LogLevel are levels, and nothing else is", "[log]") {
    CHECK(log::level_named("info") == Level::info);
    CHECK(log::level_named("fatal") == Level::error);
    CHECK(log::level_named("tracedata") == Level::trace);
    for (const char* word : {"", "INFO", "warning", "info "}) CHECK_FALSE(log::level_named(word));
    for (const auto level : {Level::error, Level::info, Level::debug, Level::trace})
        CHECK(log::level_named(log::name_of(level)) == level);
}

TEST_CASE("lines for the journal have a priority and no time", "[log]") {
    const test::TempDir folder;
    const UniqueFd file = create_file(folder / "log");
    struct stat status = {};
    REQUIRE(::fstat(file.get(), &status) == 0);
    const std::string own = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    Fixture f;
    log::DescriptorSink journal(file.get(), own.c_str()), other(file.get(), "1:2");
    log::Logger(log::Log{journal, f.levels, f.clock}, "x").info("one");
    log::Logger(log::Log{journal, f.levels, f.clock}, "x").error("two");
    log::Logger(log::Log{other, f.levels, f.clock}, "x").info("three");
    CHECK(read_file(folder / "log") ==
          "<6>l=info m=one pkg=x\n<3>l=error m=two pkg=x\nt=2026-11-22T10:34:05Z l=info m=three pkg=x\n");
}

TEST_CASE("a log that cannot be written stops nobody", "[log]") {
    Fixture f;
    log::DescriptorSink closed(-1);
    log::Logger(log::Log{closed, f.levels, f.clock}, "x").info("one");
}
