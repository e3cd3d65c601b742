#include "support/corpus.hpp"

#include <charconv>

#include "base/hash.hpp"
#include "fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using importing::Format;

// Delivery order of a maildir: new before cur, then by the number that the name starts with, then by name.
auto maildir_key(const ExpectedMessage& message) {
    const std::string name = message.file.substr(4);
    std::uint64_t number = 0;
    std::from_chars(name.data(), name.data() + name.size(), number);
    return std::tuple(message.file.starts_with("cur/"), number, name);
}

std::vector<ExpectedMessage> expected_in_order(const fs::path& path, Format format) {
    auto messages = load_expected(path.native() + ".expected.jsonl");
    if (format == Format::maildir)
        std::sort(messages.begin(), messages.end(),
                  [](const auto& a, const auto& b) { return maildir_key(a) < maildir_key(b); });
    return messages;
}

void check_one(const ExpectedMessage& wanted, const Stored& stored, std::int64_t earliest, std::int64_t latest) {
    model::FlagsAndKeywords marks;
    for (const auto& flag : wanted.flags) model::add_foreign_name(marks, flag);
    for (const auto& keyword : wanted.keywords) model::add_foreign_name(marks, keyword);
    REQUIRE(marks.rejected.empty());
    CHECK(stored.contents.size() == wanted.size_bytes);
    CHECK(to_hex(sha256(as_bytes(stored.contents))) == wanted.sha256);
    CHECK(static_cast<std::uint64_t>(stored.message.size_bytes) == wanted.size_bytes);
    CHECK(to_hex(stored.message.file_sha256) == wanted.sha256);
    CHECK(stored.flags == model::imap_names(marks.flags));
    CHECK(stored.keywords == model::joined(marks.keywords));
    if (wanted.received) {
        CHECK(stored.received == *wanted.received);
    } else {  // nothing tells: the time of the import
        CHECK(stored.received >= earliest);
        CHECK(stored.received <= latest);
    }
}

void check_import(const fs::path& path, Format format) {
    INFO(path.filename());
    const ImportFixture fixture;
    const SystemClock clock;
    const auto earliest = clock.now().seconds;
    cli::RecordingReporter out;
    const importing::Options options{.data_dir = {.data_dir = fixture.layout().root()},
                                     .format = format,
                                     .account = "alice",
                                     .operands = {"Imported/All of it", path}};
    CHECK(importing::run(options, out) == cli::Exit::ok);
    CHECK(out.errors().empty());
    const auto latest = clock.now().seconds;

    const auto expected = expected_in_order(path, format);
    const auto stored = fixture.messages("Imported/All of it");
    REQUIRE(stored.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        INFO("message " << expected[i].number << ' ' << expected[i].file);
        check_one(expected[i], stored[i], earliest, latest);
    }
    fixture.require_consistent();
}

}  // namespace

TEST_CASE("every message of the mail made by hand is imported exactly", "[import]") {
    check_import(fs::path(MOX_TESTDATA) / "mail" / "sample.mbox", Format::mbox);
    check_import(fs::path(MOX_TESTDATA) / "mail" / "sample.maildir", Format::maildir);
}

TEST_CASE("every message of the real mail is imported exactly", "[import][corpus]") {
    const auto folder = real_mail();
    if (!folder) return;
    for (const std::string name : {"ham", "spam"}) {
        check_import(*folder / (name + ".mbox"), Format::mbox);
        check_import(*folder / (name + ".maildir"), Format::maildir);
    }
}
