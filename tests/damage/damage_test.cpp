#include <catch2/catch.hpp>

#include "kinds.hpp"
#include "random_directory.hpp"
#include "snapshot/take.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"
#include "support/healthy_directory.hpp"
#include "support/promises.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

// A snapshot of a directory with a junk filter, and older copies of its databases.
struct Prepared {
    Prepared() {
        snapshot::Observer silent;
        {
            auto account = store::Account::open(directory.layout(), "alice");
            for (int i = 0; i < 40; ++i)
                (void)store::deliver(account, i % 3 == 0 ? "Junk" : "Inbox",
                                     {.received = account.now(),
                                      .flags = i % 3 == 0 ? model::Flags(model::Flag::junk) : model::Flag::not_junk,
                                      .keywords = {"work"}},
                                     test::HealthyDirectory::message("message " + std::to_string(i),
                                                                     std::to_string(1000 + i) + "@example") +
                                         std::string(i % 2 == 0 ? 10'000 : 200, 'x') + "\r\n");
            const junk::Parameters parameters{.onegrams = true, .bloom_width = 14, .bloom_hashes = 4};
            auto filter = store::open_junk_filter(account, parameters, std::chrono::milliseconds(1000));
            (void)store::retrain(account, filter, {.parameters = parameters, .jobs = 1, .progress = {}});
            account.close();
        }
        (void)snapshot::take({.data_dir = directory.layout().root()}, temp / "older", silent);
        {
            auto account = store::Account::open(directory.layout(), "alice");
            (void)store::deliver(account, "Inbox", {.received = account.now()},
                                 test::HealthyDirectory::message("newest", "newest@example"));
            account.close();
        }
        (void)snapshot::take({.data_dir = directory.layout().root()}, temp / "snapshot", silent);
    }
    test::HealthyDirectory directory;
    test::TempDir temp;
};

}  // namespace

TEST_CASE("damage of every kind is found where it is, or holds nothing", "[damage]") {
    const Prepared prepared;
    test::Subject subject(prepared.temp / "snapshot", prepared.temp / "work");
    for (const auto& [path, check] : subject.verify(check::Contents::hashes).found) UNSCOPED_INFO(path << " " << check);
    REQUIRE(subject.verify(check::Contents::hashes).found.empty());
    SeededRandom random(7);
    std::set<std::string> groups;
    for (const auto& kind : test::all_kinds(subject, prepared.temp / "older")) {
        std::size_t tried = 0;
        for (int i = 0; i < 2; ++i) {
            const auto outcome = test::try_one(subject, kind, random);
            if (!outcome) continue;
            ++tried;
            INFO(kind.group << ": " << kind.name << ": " << outcome->fault.what);
            for (const auto& [path, check] : outcome->found) UNSCOPED_INFO(path << " " << check);
            CHECK_FALSE(outcome->is_missed());
            if (outcome->with_contents) CHECK(outcome->at_right_place);
            if (!kind.needs_contents) CHECK(outcome->by_default == outcome->with_contents);
        }
        INFO(kind.group << ": " << kind.name);
        CHECK(tried > 0);
        groups.insert(kind.group);
    }
    CHECK(groups == std::set<std::string>{"message files", "snapshot", "index.db", "junkfilter.db", "queue/index.db",
                                          "dmarcrpt.db", "tlsrpt.db", "mtasts.db", "rows"});
    CHECK(subject.verify(check::Contents::hashes, test::Subject::As::snapshot).found.empty());
}

TEST_CASE("nothing is found in random directories", "[damage]") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        INFO("seed " << seed);
        const test::TempDir temp;
        const auto layout = test::make_random_directory(temp / "data", seed);
        test::check_promises(layout);
    }
}

TEST_CASE("a dump tells what a database says, and nothing else", "[damage]") {
    const test::HealthyDirectory directory;
    const auto path = directory.layout().account_db("alice");
    const auto before = test::logical_dump(path);
    REQUIRE(before);
    directory.sql("alice", "VACUUM");
    CHECK(test::logical_dump(path) == before);
    directory.sql("alice", "UPDATE sqlite_sequence SET seq = seq + 1");
    CHECK(test::logical_dump(path) == before);
    directory.sql("alice", "UPDATE sqlite_sequence SET seq = seq - 2 WHERE name = 'mailbox'");
    CHECK(test::logical_dump(path) != before);
    fs::resize_file(path, 5000);
    CHECK_FALSE(test::logical_dump(path));
}
