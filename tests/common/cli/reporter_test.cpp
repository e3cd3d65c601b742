#include "cli/reporter.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/testing.hpp"

using namespace mox;
using cli::Format;
using cli::Level;
using cli::Record;
using cli::RecordingReporter;

TEST_CASE("a record is shown as its text says", "[cli]") {
    struct Row {
        std::string text, expected;
    };
    const auto row = GENERATE(values<Row>({
        {"", "row: count=1, size_bytes=1536, name='o\\'hara\\n', done=yes, rate=1.5, list='a', 'b c'"},
        {"{count:message|messages} in {name}", "1 message in 'o\\'hara\\n'"},
        {"{size_bytes:byte|bytes}", "1536 bytes"},
        {"{size_bytes:bytes} {size_bytes}", "1.5 KiB 1536"},
        {"{name:plain}", "o\\'hara\\n"},
        {"{name:raw}", "o'hara\n"},
        {"{done} {rate} {list}", "yes 1.5 'a', 'b c'"},
        {"{{count} {count}", "{count} 1"},
    }));
    Record record("row", row.text);
    record.set("count", 1).set("size_bytes", std::size_t{1536}).set("name", "o'hara\n").set("done", true);
    record.set("rate", 1.5).set("list", std::vector<std::string>{"a", "b c"});
    CHECK(record.to_text() == row.expected);
    CHECK(record.to_json() ==
          R"({"type":"row","count":1,"size_bytes":1536,"name":"o'hara\n","done":true,"rate":1.5,"list":["a","b c"]})");
}

TEST_CASE("a record that is written wrongly is a bug", "[cli]") {
    const auto* text = GENERATE("{missing}", "{count", "{count:plain}", "{name:bytes}", "{name:one|many}", "{}");
    Record record("row", text);
    record.set("count", 1).set("name", "x");
    CHECK_THROWS_AS(record.to_text(), std::logic_error);
    CHECK_THROWS_AS(record.set("type", "x"), std::logic_error);
    CHECK_THROWS_AS(record.set("", "x"), std::logic_error);
}

TEST_CASE("names that are not UTF-8 stay readable and valid in JSON", "[cli]") {
    Record record("row");
    record
        .set("name",
             "a\xff"
             "b")
        .set("list", std::vector<std::string>{"\xc3"})
        .set("good", "\xc3\xa4\x01");
    CHECK(record.to_json() == R"({"type":"row","name":"a\\xffb","list":["\\xc3"],"good":"ä\u0001"})");
}

TEST_CASE("sizes have one digit after the point", "[cli]") {
    CHECK(cli::size_text(0) == "0 bytes");
    CHECK(cli::size_text(1) == "1 byte");
    CHECK(cli::size_text(1023) == "1023 bytes");
    CHECK(cli::size_text(1024) == "1.0 KiB");
    CHECK(cli::size_text(1024 * 1024 - 1) == "1.0 MiB");
    CHECK(cli::size_text(UINT64_MAX) == "16.0 EiB");
}

TEST_CASE("each level says what it should", "[cli]") {
    struct Row {
        Level level;
        std::string out, err;
    };
    const std::string problems = "mox-x: warning: w\nmox-x: hint: h\nmox-x: error: e\n";
    const auto row = GENERATE_COPY(values<Row>({
        {Level::quiet, "always\na/b: error: broken [id-1]\n", problems},
        {Level::normal, "always\nusual\na/b: error: broken [id-1]\nsum\n", problems},
        {Level::verbose, "always\nusual\ndetail\na/b: error: broken [id-1]\nsum\n", "mox-x: s\n" + problems},
    }));
    RecordingReporter out({.program = "mox-x", .level = row.level});
    out.step("s");
    out.result(Record("r", "always"));
    out.result(Record("r", "usual"), cli::Show::unless_quiet);
    out.result(Record("r", "detail"), cli::Show::if_verbose);
    out.summary(Record("summary", "sum"));
    out.finding({.path = "a/b", .detail = "broken", .check = "id-1"});
    out.warning("w", "h");
    out.error("e");
    out.finish(1);
    CHECK(out.out_text() == row.out);
    CHECK(out.err_text() == row.err);
    CHECK(out.warnings() == std::vector<std::string>{"w"});
    CHECK(out.records_of("finding").size() == 1);
}

TEST_CASE("JSON has everything on standard output and ends with the summary", "[cli]") {
    RecordingReporter out({.program = "mox-x", .level = Level::quiet, .format = Format::json});
    out.summary(Record("summary", "{files}").set("files", 3));
    out.warning("w 'x'", "h");
    out.error("e", {}, Errc::corrupt);
    out.finding({.path = "p", .severity = cli::Severity::warning, .detail = "d", .check = "c", .hint = "h"});
    out.finish(3);
    CHECK(out.err_text().empty());
    CHECK(out.out_text() == R"({"type":"warning","message":"w 'x'","hint":"h"})"
                            "\n"
                            R"({"type":"error","code":"corrupt","message":"e"})"
                            "\n"
                            R"({"type":"finding","path":"p","severity":"warning","detail":"d","check":"c","hint":"h"})"
                            "\n"
                            R"({"type":"summary","files":3,"exit_code":3,"warnings":1,"errors":1,"findings":1})"
                            "\n");
}

TEST_CASE("the same fact is printed once", "[cli]") {
    RecordingReporter out;
    for (int i = 0; i < 3; ++i) {
        out.warning("w", "do this");
        out.warning("other", "do this");
        out.error("w");
    }
    CHECK(out.err_text() ==
          "mox-test: warning: w\nmox-test: hint: do this\nmox-test: warning: other\nmox-test: error: w\n");
    CHECK(out.warning_count() == 2);
    CHECK(out.error_count() == 1);
}

TEST_CASE("no message takes more than its line", "[cli]") {
    RecordingReporter out;
    out.warning("two\nlines \x1b[31m 'quoted\\n'", "h\r\n");
    out.finding({.path = "p\n", .detail = "d\n", .check = "c"});
    CHECK(out.err_text() == "mox-test: warning: two\\nlines \\x1b[31m 'quoted\\n'\nmox-test: hint: h\\r\\n\n");
    CHECK(out.out_text() == "p\\n: error: d\\n [c]\n");
}

TEST_CASE("lines of several threads do not mix", "[cli]") {
    RecordingReporter out;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) out.result(Record("row", "0123456789"));
        });
    for (auto& thread : threads) thread.join();
    std::string expected;
    for (int i = 0; i < 800; ++i) expected += "0123456789\n";
    CHECK(out.out_text() == expected);
}

TEST_CASE("messages and results clear the status line and draw it again", "[cli]") {
    RecordingReporter out({.program = "mox-x", .progress = true});
    out.show_status("50 %");
    out.warning("w");
    out.show_status("60 %");
    out.finish(0);
    CHECK(out.err_text() == "50 %\r\x1b[Kmox-x: warning: w\n50 %\r\x1b[K60 %\r\x1b[K");
}
