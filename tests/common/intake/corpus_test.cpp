#include "support/corpus.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "base/hash.hpp"
#include "reading.hpp"

using namespace mox;
using namespace mox::intake;
namespace fs = std::filesystem;

namespace {

// Everything the importer will store of one message, comparable.
struct Stored {
    std::uint64_t size_bytes;
    std::string sha256;
    std::optional<std::int64_t> received;
    std::uint32_t flags;
    std::string keywords;
    friend bool operator==(const Stored&, const Stored&) = default;
};

std::ostream& operator<<(std::ostream& out, const Stored& s) {
    return out << s.size_bytes << ' ' << s.sha256 << ' ' << s.received.value_or(-1) << ' ' << s.flags << ' '
               << s.keywords;
}

Stored expected(const test::ExpectedMessage& message) {
    model::FlagsAndKeywords marks;
    for (const auto& flag : message.flags) model::add_foreign_name(marks, flag);
    for (const auto& keyword : message.keywords) model::add_foreign_name(marks, keyword);
    REQUIRE(marks.rejected.empty());
    return {message.size_bytes, message.sha256, message.received, marks.flags.bits(), model::joined(marks.keywords)};
}

Stored stored(const RawMessage& raw, Sha256& hash) {
    const Metadata metadata = convert(raw, [&](auto piece) { hash.update(piece); });
    REQUIRE_FALSE(metadata.failure);
    std::optional<std::int64_t> received;
    if (metadata.received) received = metadata.received->seconds;
    return {metadata.size_bytes, to_hex(hash.finish()), received, metadata.marks.flags.bits(),
            model::joined(metadata.marks.keywords)};
}

void check_mbox(const fs::path& path) {
    INFO(path.filename());
    const auto source = open_mbox(path);
    Sha256 hash;
    for (const auto& message : test::load_expected(path.native() + ".expected.jsonl")) {
        INFO("message " << message.number);
        const auto raw = source->next();
        REQUIRE(raw);
        CHECK(stored(*raw, hash) == expected(message));
    }
    CHECK_FALSE(source->next());
    CHECK(source->progress().bytes == fs::file_size(path));
    CHECK(source->progress().total_bytes == fs::file_size(path));
}

void check_maildir(const fs::path& path) {
    INFO(path.filename());
    std::map<std::string, test::ExpectedMessage> by_file;
    for (auto& message : test::load_expected(path.native() + ".expected.jsonl")) by_file.emplace(message.file, message);
    const auto source = open_maildir(path);
    Sha256 hash;
    std::size_t count = 0;
    while (const auto raw = source->next()) {
        const auto& file = std::get<FileBody>(raw->body);
        const auto message = by_file.find(file.directory + "/" + file.name);
        INFO(raw->origin);
        REQUIRE(message != by_file.end());
        CHECK(stored(*raw, hash) == expected(message->second));
        ++count;
    }
    CHECK(count == by_file.size());
    CHECK(source->warnings().count == 0);
}

}  // namespace

TEST_CASE("the mail made by hand is read as its maker says", "[intake]") {
    check_mbox(fs::path(MOX_TESTDATA) / "mail" / "sample.mbox");
    check_maildir(fs::path(MOX_TESTDATA) / "mail" / "sample.maildir");
}

TEST_CASE("every message of the real mail is read exactly", "[intake][corpus]") {
    const auto folder = test::real_mail();
    if (!folder) return;
    for (const std::string name : {"ham", "spam"}) {
        check_mbox(*folder / (name + ".mbox"));
        check_maildir(*folder / (name + ".maildir"));
    }
}
