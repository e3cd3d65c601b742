#include "base/clock.hpp"
#include "fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

constexpr std::string_view from = "From ann@example.org Mon Jan  2 15:04:05 2006\n";
constexpr std::int64_t from_time = 1'136'214'245;

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    out.reserve(text.size() * times);
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

struct Wanted {
    std::string contents;
    std::int64_t received = from_time;  // 0: the time of the import
    std::vector<std::string_view> flags;
    std::string keywords;
};

struct Row {
    std::string what;
    std::string mbox;
    std::vector<Wanted> messages;
    std::vector<std::string> warnings;  // parts of standard error, each once
    int rejected_keywords = 0;
};

std::vector<Row> odd_lines() {
    const std::string f(from);
    const std::string nul(1, '\0');
    return {
        {"an empty file", "", {}, {}},
        {"only empty lines", "\n\r\n\n", {}, {"in.mbox:1: empty lines before the first message"}},
        {"one From line", f, {{""}}, {}},
        {"a From line without its end", f.substr(0, f.size() - 1), {{""}}, {}},
        {"From lines in a row", f + f + f, {{""}, {""}, {""}}, {}},
        {"a message of one empty line", f + "\n" + f + "\n\n", {{""}, {"\r\n"}}, {}},
        {"no final newline", f + "A: b\n\nlast", {{"A: b\r\n\r\nlast\r\n"}}, {}},
        {"a final CR", f + "A: b\n\nlast\r", {{"A: b\r\n\r\nlast\r\r\n"}}, {"1 CR bytes without LF, kept"}},
        {"LF, CRLF and CR mixed",
         f + "A: b\r\nC: d\n\r\none\rtwo\nthree\r\n",
         {{"A: b\r\nC: d\r\n\r\none\rtwo\r\nthree\r\n"}},
         {"in.mbox:1: 1 CR bytes without LF, kept"}},
        {"only CR", f + "A: b\r\rtext\r", {{"A: b\r\rtext\r\r\n"}}, {"3 CR bytes without LF, kept"}},
        {"CRLF at the separators",
         "From a@b Mon Jan  2 15:04:05 2006\r\nA: b\r\n\r\nx\r\n\r\n" + f + "y: z\n",
         {{"A: b\r\n\r\nx\r\n"}, {"y: z\r\n"}},
         {}},
        {"NUL bytes",
         f + "A: b" + nul + "\n\n" + nul + nul + "\n",
         {{"A: b" + nul + "\r\n\r\n" + nul + nul + "\r\n"}},
         {"in.mbox:1: 3 NUL bytes, kept"}},
        {"bytes that are no text",
         f + "\xff\xfe\x80: \x1b[31m\n\n\xc3\n",
         {{"\xff\xfe\x80: \x1b[31m\r\n\r\n\xc3\r\n"}},
         {}},
        {"no header", f + "\nonly text\n", {{"\r\nonly text\r\n"}}, {}},
        {"a header without end", f + "A: b\nC: d", {{"A: b\r\nC: d\r\n"}}, {}},
    };
}

std::vector<Row> from_lines() {
    const std::string f(from);
    return {
        {"quoted From lines in a body",
         f + "\n>From one\n>>From two\n> From three\n",
         {{"\r\nFrom one\r\n>From two\r\n> From three\r\n"}},
         {}},
        {"an unquoted From line without date",
         f + "\n\nFrom here on\n",
         {{"\r\n\r\nFrom here on\r\n"}},
         {"in.mbox:4: a line that starts with \"From \" has no date there"}},
        {"a From line with date within a paragraph",
         f + "\nx\n" + f + "y\n",
         {{"\r\nx\r\nFrom ann@example.org Mon Jan  2 15:04:05 2006\r\ny\r\n"}},
         {}},
        {"a From line in a header", f + "A: b\nFrom nobody\nC: d\n\n", {{"A: b\r\nFrom nobody\r\nC: d\r\n"}}, {}},
        {"a From line of 2,000 bytes after an empty line",
         f + "\n\nFrom " + repeated("x", 2000) + "\n",
         {{"\r\n\r\nFrom " + repeated("x", 2000) + "\r\n"}},
         {"has no date there"}},
        {"empty lines at the end of an entry",
         f + "\nx\n\n\n\n" + f + "\ny\n\n",
         {{"\r\nx\r\n\r\n\r\n"}, {"\r\ny\r\n"}},
         {}},
    };
}

std::vector<Row> dates() {
    constexpr std::int64_t date_header = 1'700'000'000;
    const std::string date = "Date: Tue, 14 Nov 2023 22:13:20 +0000\n";
    return {
        {"no date in the From line",
         "From ann\n" + date + "\n",
         {{"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n", date_header}},
         {}},
        {"a date that does not exist",
         "From ann Mon Feb 31 25:61:00 2006\n" + date + "\nx\n",
         {{"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nx\r\n", date_header}},
         {}},
        {"the year 99999999999", "From ann Mon Jan  2 15:04:05 99999999999\n\nx\n", {{"\r\nx\r\n", 0}}, {}},
        {"nonsense in the Date field",
         "From ann\nDate: yesterday, perhaps\n\nx\n",
         {{"Date: yesterday, perhaps\r\n\r\nx\r\n", 0}},
         {}},
        {"an empty Date field", "From ann\nDate:\n\nx\n", {{"Date:\r\n\r\nx\r\n", 0}}, {}},
        {"a Date field only in the body",
         "From ann\nA: b\n\n" + date,
         {{"A: b\r\n\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n", 0}},
         {}},
        {"a From line with zone",
         "From ann Mon Jan  2 15:04:05 -0700 2006\n\nx\n",
         {{"\r\nx\r\n", from_time + 7 * 3600}},
         {}},
        {"a date before 1970", "From ann Wed Dec 31 23:59:59 1969\n\nx\n", {{"\r\nx\r\n", -1}}, {}},
    };
}

std::vector<Row> marks() {
    const std::string f(from);
    const std::string longest = repeated("k", model::max_keyword_bytes);
    const auto entry = [&](const std::string& header) { return f + header + "\n\nx\n"; };
    const auto stored = [&](const std::string& header, std::vector<std::string_view> flags, std::string keywords = {}) {
        return std::vector<Wanted>{{header + "\r\n\r\nx\r\n", from_time, std::move(flags), std::move(keywords)}};
    };
    return {
        {"flags", entry("Status: RO"), stored("Status: RO", {"\\Seen"}), {}},
        {"names of fields in any case", entry("sTATUS: r"), stored("sTATUS: r", {}), {}},
        {"X-Status",
         entry("x-status: AFTD"),
         stored("x-status: AFTD", {"\\Answered", "\\Flagged", "\\Deleted", "\\Draft"}),
         {}},
        {"unknown letters", entry("Status: ?!"), stored("Status: ?!", {}), {}},
        {"keywords by comma and space",
         entry("X-Keywords: b, A  $Junk,,\\Recent"),
         stored("X-Keywords: b, A  $Junk,,\\Recent", {"$Junk"}, "a b"),
         {}},
        {"a keyword that is just not too long",
         entry("X-Keywords: " + longest),
         stored("X-Keywords: " + longest, {}, longest),
         {}},
        {"a keyword that is too long",
         entry("X-Keywords: ok " + longest + "k"),
         stored("X-Keywords: ok " + longest + "k", {}, longest < "ok" ? longest + " ok" : "ok " + longest),
         {"longer than 200 bytes"}},
        {"keywords with bad characters",
         entry("X-Keywords: (a) ok b% \\Nope \"q\" c]\xc3\xbc ()"),
         stored("X-Keywords: (a) ok b% \\Nope \"q\" c]\xc3\xbc ()", {}, "_a_ _nope _q_ b_ c__ ok"),
         {"'(a)' is kept as '_a_'", "'b%' is kept as 'b_'", "'()' cannot be a keyword"},
         1},
        {"marks in a body", f + "\nStatus: RO\nX-Keywords: a\n", {{"\r\nStatus: RO\r\nX-Keywords: a\r\n"}}, {}},
    };
}

std::vector<Row> sizes() {
    const std::string f(from);
    const std::string line = repeated("0123456789abcdef", 10 * 65536);  // 10 MiB
    const std::string fields = repeated("X-Field: some value\n", 100'000);
    const std::string stored_fields = repeated("X-Field: some value\r\n", 100'000);
    return {
        {"a line of 10 MiB in the body", f + "A: b\n\n" + line + "\n", {{"A: b\r\n\r\n" + line + "\r\n"}}, {}},
        {"a line of 10 MiB in the header",
         f + "A: " + line + "\nStatus: R\n\nx\n",
         {{"A: " + line + "\r\nStatus: R\r\n\r\nx\r\n", from_time, {"\\Seen"}}},
         {}},
        {"10 MiB without any line end", f + line, {{line + "\r\n"}}, {}},
        {"100,000 fields",
         f + fields + "Status: R\nX-Keywords: last\n\nx\n",
         {{stored_fields + "Status: R\r\nX-Keywords: last\r\n\r\nx\r\n", from_time, {"\\Seen"}, "last"}},
         {}},
        {"100,000 fields and no end", f + fields, {{stored_fields}}, {}},
        {"100,000 keywords",
         f + "X-Keywords:" +
             [] {
                 std::string words;
                 for (int i = 0; i < 100'000; ++i) words += " k" + std::to_string(i);
                 return words;
             }() +
             "\n\n",
         {},
         {"keywords too many, left out", "too long to be looked at as a whole"}},
        {"1,000 empty messages", repeated(f, 1000), std::vector<Wanted>(1000, Wanted{""}), {}},
    };
}

void check_row(const Row& row) {
    INFO(row.what);
    const ImportFixture fixture;
    const SystemClock clock;
    const auto earliest = clock.now().seconds;
    const auto done = fixture.import_text(row.mbox, "Inbox", {"-j", "2"});
    INFO(done.err.substr(0, 2000));
    CHECK(done.exit_code == 0);
    CHECK(done.err.find("error:") == std::string::npos);
    CHECK(done.err.empty() == row.warnings.empty());
    for (const auto& part : row.warnings) CHECK(done.err.find(part) != std::string::npos);

    const auto stored = fixture.messages();
    if (row.messages.empty() && !row.mbox.starts_with("From ")) CHECK(stored.empty());
    if (!row.messages.empty()) REQUIRE(stored.size() == row.messages.size());
    for (std::size_t i = 0; i < row.messages.size(); ++i) {
        const Wanted& wanted = row.messages[i];
        CHECK((stored[i].contents == wanted.contents));  // a failure must not print 10 MiB
        if (wanted.contents.size() < 1000) CHECK(stored[i].contents == wanted.contents);
        CHECK(stored[i].flags == wanted.flags);
        CHECK(stored[i].keywords == wanted.keywords);
        if (wanted.received != 0) CHECK(stored[i].received == wanted.received);
        if (wanted.received == 0) CHECK(stored[i].received >= earliest);
    }
    fixture.require_consistent();
    const auto json = fixture.import_text(row.mbox, "Inbox", {"--json", "--dry-run"});
    CHECK(json.out.find("\"rejected_keywords\":" + std::to_string(row.rejected_keywords) + ",") != std::string::npos);
}

}  // namespace

TEST_CASE("mbox files with odd lines are imported byte for byte", "[import]") {
    for (const auto& row : odd_lines()) check_row(row);
}

TEST_CASE("From lines separate entries only where they must", "[import]") {
    for (const auto& row : from_lines()) check_row(row);
}

TEST_CASE("messages with bad dates get the next best date", "[import]") {
    for (const auto& row : dates()) check_row(row);
}

TEST_CASE("flags and keywords of an mbox are taken over as far as they are valid", "[import]") {
    for (const auto& row : marks()) check_row(row);
}

TEST_CASE("huge lines and headers are imported", "[import]") {
    for (const auto& row : sizes()) check_row(row);
}

TEST_CASE("what is no mbox file is refused and changes nothing", "[import]") {
    struct Refused {
        std::string what, contents, part;
    };
    const auto row = GENERATE(values<Refused>({
        {"a letter", "Dear Ann,\n\nhow are you?\n", "in.mbox:1: not an mbox file"},
        {"a letter after empty lines", "\n\nDear Ann,\n", "in.mbox:3: not an mbox file"},
        {"a mail without From line", "From: ann@example.org\n\nx\n", "in.mbox:1: not an mbox file"},
        {"a quoted From line", ">From ann Mon Jan  2 15:04:05 2006\n", "in.mbox:1: not an mbox file"},
        {"zero bytes", std::string(1 << 20, '\0'), "in.mbox:1: not an mbox file"},
        {"one zero byte", std::string(1, '\0'), "in.mbox:1: not an mbox file"},
        {"a gzip file", "\x1f\x8b\x08 and so on", "this looks like a compressed file; unpack it first"},
        {"a zstd file", "\x28\xb5\x2f\xfd and so on", "this looks like a compressed file; unpack it first"},
        {"a byte order mark",
         "\xef\xbb\xbf"
         "From ann Mon Jan  2 15:04:05 2006\n\n",
         "in.mbox:1: not an mbox file"},
        {"the word From alone", "From", "in.mbox:1: not an mbox file"},
    }));
    INFO(row.what);
    const ImportFixture fixture;
    const auto before = fixture.state();
    const auto done = fixture.import_text(row.contents, "New/Mailbox");
    INFO(done.err);
    CHECK(done.exit_code == 1);
    CHECK(done.out.empty());
    CHECK(done.err.find(row.part) != std::string::npos);
    CHECK(fixture.state() == before);
}
