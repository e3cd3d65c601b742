#include "snapshot/manifest.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "base/encoding.hpp"
#include "base/error.hpp"

using namespace mox;
using snapshot::Manifest;
using snapshot::parse_manifest;
using snapshot::Stored;
using snapshot::to_text;

namespace {

Manifest example() {
    return {.program = "moxtools 0.1.0",
            .started = {.seconds = 1'763'780'400},
            .finished = {.seconds = 1'763'780'412},
            .link_live = true,
            .config = true,
            .previous = "2025-11-21T030000Z",
            .verification = snapshot::Verification::unshared,
            .totals = {.accounts = 2,
                       .mailboxes = 9,
                       .messages = 31,
                       .queued_messages = 1,
                       .message_files = 32,
                       .message_bytes = 123456,
                       .linked = 30,
                       .reflinked = 1,
                       .copied = 1,
                       .shared = 3,
                       .files = 3,
                       .file_bytes = 9},
            .files = {{.path = "config/mox.conf", .size_bytes = 3, .sha256 = sha256(as_bytes("abc"))},
                      {.path = "data/a \"name\"\n\xff", .size_bytes = 3, .stored = Stored::raw},
                      {.path = "data/queue/index.db", .size_bytes = 3, .stored = Stored::database}},
            .problems = {{.path = "accounts/alice/msg/a/1", .detail = "message file is missing"}},
            .problem_count = 1};
}

struct Failure {
    Errc code;
    std::string text;
};
Failure failure_of(std::string_view text) {
    try {
        (void)parse_manifest(text);
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    FAIL("no error");
    return {};
}

// The text with its hash made right again, so that the change itself is met.
std::string changed(std::string_view from, std::string_view to) {
    std::string text = to_text(example());
    text.resize(text.size() - snapshot::manifest_trailer("").size());
    const auto at = text.find(from);
    if (at == std::string::npos) FAIL("no " << from);
    text.replace(at, from.size(), to);
    return text + snapshot::manifest_trailer(text);
}

}  // namespace

TEST_CASE("a manifest comes back as it was written", "[snapshot]") {
    CHECK(parse_manifest(to_text(example())) == example());
    CHECK(parse_manifest(to_text(Manifest{})) == Manifest{});
}

TEST_CASE("a manifest has one line for each file, and its own hash at the end", "[snapshot]") {
    const std::string text = to_text(example());
    CHECK(text.find("    {\"path\": \"config/mox.conf\", \"bytes\": 3, \"sha256\": "
                    "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\", \"stored\": \"copy\"},\n") !=
          std::string::npos);
    CHECK(text.find("\"path_base64\": \"ZGF0YS9hICJuYW1lIgr/\"") != std::string::npos);
    CHECK(text.find("\"started\": \"2025-11-22T03:00:00Z\"") != std::string::npos);
    CHECK(text.ends_with(snapshot::manifest_trailer(
        std::string_view(text).substr(0, text.size() - snapshot::manifest_trailer("").size()))));
}

TEST_CASE("every changed byte and every cut of a manifest is noticed", "[snapshot]") {
    const std::string text = to_text(example());
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string bad = text;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        CHECK_THROWS_AS(parse_manifest(bad), Error);
        CHECK_THROWS_AS(parse_manifest(std::string_view(text).substr(0, i)), Error);
    }
    CHECK(failure_of("").text == "line 1: does not end with its own hash: cut off or changed");
    CHECK(failure_of(text.substr(0, text.size() - 5)).text ==
          "line 20: does not end with its own hash: cut off or changed");
    CHECK(failure_of(text + " ").code == Errc::corrupt);
}

TEST_CASE("what is wrong in a manifest is named with its place", "[snapshot]") {
    struct Row {
        std::string_view from, to, error;
    };
    const std::array rows{
        Row{"\"format\": 1", "\"format\": \"1\"", "format: not a number of 0 or more"},
        Row{"\"format\": 1", "\"format\": -1", "format: not a number of 0 or more"},
        Row{"\"format\": 1", "\"format\": 0", "format: 0 is no format"},
        Row{"\"format\": 1,", "", "format: missing"},
        Row{"{\n", "[\n", "line 2: not JSON"},
        Row{"\"program\": \"moxtools 0.1.0\"", "\"program\": 7", "program: not a string"},
        Row{"2025-11-22T03:00:00Z", "yesterday", "started: not a time as in RFC 3339"},
        Row{"\"link_live\": true", "\"link_live\": 1", "options.link_live: neither true nor false"},
        Row{"\"options\": {", "\"options\": 3, \"x\": {", "options: not an object"},
        Row{"\"mailboxes\": 9", "\"mailboxes\": 1.5", "totals.mailboxes: not a number of 0 or more"},
        Row{"\"mailboxes\": 9", "\"mailboxes\": 9223372036854775808", "totals.mailboxes: number too large"},
        Row{"\"mailboxes\": 9", "\"mailboxes\": 1e999", "manifest: not JSON that can be read"},
        Row{"\"bytes\": 3", "\"byte\": 3", "files[0].bytes: missing"},
        Row{"ba7816bf", "ba7816bg", "files[0].sha256: not 64 hexadecimal digits"},
        Row{"ba7816bf", "ba7816", "files[0].sha256: not 64 hexadecimal digits"},
        Row{"\"stored\": \"database\"", "\"stored\": \"tape\"", "files[2].stored: unknown 'tape'"},
        Row{"config/mox.conf", "config/../mox.conf", "files[0].path: has an empty part, '.' or '..'"},
        Row{"config/mox.conf", "/etc/mox.conf", "files[0].path: not below data/ or config/"},
        Row{"config/mox.conf", "config/", "files[0].path: has an empty part, '.' or '..'"},
        Row{"config/mox.conf", "config/a\\u0000b", "files[0].path: has a NUL"},
        Row{"config/mox.conf", "data/zzz", "files[1].path: not in ascending order"},
        Row{"ZGF0YS9hICJuYW1lIgr/", "ZGF0YS9hICJuYW1lIgr", "files[1].path_base64: not base64"},
        Row{"\"detail\": ", "\"details\": ", "problems[0].detail: missing"},
        Row{"\"problem_count\": 1", "\"problem_count\": 0", "problem_count: less than the problems listed"},
        Row{"\"complete\": false", "\"complete\": true", "complete: disagrees with problem_count"},
        Row{"\"verification\": \"unshared\"", "\"verification\": \"maybe\"", "verification: unknown 'maybe'"},
        Row{"\"previous\": \"2025-11-21T030000Z\"", "\"previous\": 7", "previous: not a string"},
        Row{"\"shared\": 3", "\"shared\": -3", "totals.shared: not a number of 0 or more"},
        Row{"\"program\":", "\"x\": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]], \"program\":", "manifest: nested too deeply"},
        Row{"\"program\":", "\"x\": \"\xff\", \"program\":", "line 3: not JSON"},
    };
    for (const auto& row : rows) {
        INFO(row.to);
        const Failure failure = failure_of(changed(row.from, row.to));
        CHECK(failure.code == Errc::corrupt);
        CHECK(failure.text == row.error);
    }
}

TEST_CASE("a manifest of a later format is refused as newer, unknown fields are not", "[snapshot]") {
    CHECK(failure_of(changed("\"format\": 1", "\"format\": 2")).code == Errc::newer_version);
    CHECK(parse_manifest(changed("\"program\"", "\"colour\": {\"a\": [1]}, \"program\"")) == example());
}

TEST_CASE("a manifest of a program that shared nothing and verified nothing is read", "[snapshot]") {
    Manifest expected = example();
    expected.previous.clear();
    expected.verification = snapshot::Verification::none;
    expected.totals.shared = 0;
    std::string text = to_text(expected);
    text.resize(text.size() - snapshot::manifest_trailer("").size());
    for (const std::string_view field : {"  \"verification\": \"none\",\n", " \"shared\": 0,"}) {
        const auto at = text.find(field);
        REQUIRE(at != std::string::npos);
        text.erase(at, field.size());
    }
    CHECK(parse_manifest(text + snapshot::manifest_trailer(text)) == expected);
}

TEST_CASE("paths of a manifest stay inside of the snapshot", "[snapshot]") {
    for (const auto* good : {"data/a", "config/a/b", "data/...", "data/a b"})
        CHECK(snapshot::path_problem(good).empty());
    for (const auto* bad : {"", "data", "data/", "/data/a", "data//a", "data/./a", "data/..", "data/a/../b",
                            "manifest.json", "database/a"})
        CHECK_FALSE(snapshot::path_problem(bad).empty());
    CHECK_FALSE(snapshot::path_problem("data/" + std::string(5000, 'a')).empty());
}
