#include "datadir/layout.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "base/error.hpp"
#include "base/random.hpp"
#include "datadir/lock.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace std::chrono_literals;

TEST_CASE("message paths follow the rule of the original", "[datadir]") {
    struct Row {
        std::int64_t id;
        std::string path;
    };
    for (const auto& row :
         {Row{1, "a/1"}, Row{8191, "a/8191"}, Row{8192, "b/8192"}, Row{212992, "0/212992"}, Row{516096, "_/516096"},
          Row{524288, "ab/524288"}, Row{532480, "bb/532480"}, Row{33554432, "aab/33554432"}})
        CHECK(datadir::message_path(row.id) == row.path);
}

TEST_CASE("a path leads back to its id and nothing else does", "[datadir]") {
    SeededRandom random(7);
    for (int i = 0; i < 5000; ++i) {
        const auto id = static_cast<std::int64_t>(random.below(1U << 31)) + 1;
        REQUIRE(datadir::message_id_of(datadir::message_folder(id), std::to_string(id)) == id);
        REQUIRE(datadir::first_id_of(datadir::message_folder(id)) == id - id % datadir::ids_per_folder);
    }
    struct Row {
        std::string folder, name;
    };
    for (const auto& row :
         {Row{"b", "1"}, Row{"a", "01"}, Row{"a", "+1"}, Row{"a", "0"}, Row{"a", "-1"}, Row{"a", "1 "}, Row{"a", ""},
          Row{"", "1"}, Row{"aa", "1"}, Row{"a", "1.tmp"}, Row{"a", "99999999999999999999"}})
        CHECK_FALSE(datadir::message_id_of(row.folder, row.name).has_value());
}

TEST_CASE("only names that an id leads to are folders of messages", "[datadir]") {
    CHECK(datadir::first_id_of("a") == 0);
    CHECK(datadir::first_id_of("ab") == 524288);
    constexpr auto largest = std::numeric_limits<std::int64_t>::max();
    CHECK(datadir::first_id_of(datadir::message_folder(largest)) == largest - (datadir::ids_per_folder - 1));
    for (const std::string bad : {"", "aa", "ba", "a.", "ab cd", "index.db", "_________________________"})
        CHECK_FALSE(datadir::first_id_of(bad).has_value());
}

TEST_CASE("account names are names of folders", "[datadir]") {
    for (const std::string good : {"a", "test0", "☺", "a b", ".hidden"})
        CHECK(datadir::account_name_problem(good).empty());
    for (const std::string bad : {"", ".", "..", "a/b", "a\nb", "\xff"})
        CHECK_FALSE(datadir::account_name_problem(bad).empty());
    CHECK_FALSE(datadir::account_name_problem(std::string(201, 'a')).empty());
}

TEST_CASE("a directory is recognised for what it is", "[datadir]") {
    const test::TempDir dir;
    CHECK_THROWS_AS(datadir::detect_format(dir / "missing"), Error);
    std::filesystem::create_directory(dir / "empty");
    CHECK(datadir::detect_format(dir / "empty") == datadir::Format::empty);
    dir.write("other/readme", "hello");
    CHECK(datadir::detect_format(dir / "other") == datadir::Format::other);
    dir.write("bolt/accounts/a/index.db", std::string(16, '\0') + "\xed\xda\x0c\xed");
    CHECK(datadir::detect_format(dir / "bolt") == datadir::Format::original);
    const auto layout = datadir::create(dir / "ours");
    CHECK(datadir::detect_format(dir / "ours") == datadir::Format::ours);
    CHECK(datadir::read_version(layout).has_value());
    CHECK_THROWS_AS(datadir::create(dir / "ours"), Error);
    for (const auto* name : {"empty", "other", "bolt"}) {
        try {
            (void)datadir::open(dir / name);
            FAIL("opened " << name);
        } catch (const Error& error) {
            CHECK(error.code() == Errc::unknown_format);
        }
    }
}

TEST_CASE("locks exclude as they should, and holding erasure makes the eraser wait", "[datadir]") {
    const test::TempDir dir;
    const auto layout = datadir::create(dir / "d");
    {
        const auto first = datadir::hold_erasure(layout, 100ms);
        const auto second = datadir::hold_erasure(layout, 100ms);
        REQUIRE((first && second));
        CHECK_FALSE(datadir::try_lock_erasure(layout));
    }
    const auto eraser = datadir::try_lock_erasure(layout);
    REQUIRE(eraser);
    CHECK_THROWS_AS(datadir::hold_erasure(layout, 30ms), Error);
    CHECK_FALSE(datadir::is_served(layout));
    const auto server = datadir::Lock::try_take(layout, "serve", datadir::LockMode::exclusive);
    CHECK(datadir::is_served(layout));
}

TEST_CASE("a reservation lives as long as its holder and is not mistaken for a later one", "[datadir]") {
    const test::TempDir dir;
    const auto layout = datadir::create(dir / "d");
    std::string token;
    {
        const auto first = datadir::Reservation::take(layout);
        const auto second = datadir::Reservation::take(layout);
        CHECK(first.number() == 1);
        CHECK(second.number() == 2);
        token = first.token();
        CHECK(datadir::is_reservation_alive(layout, 1, token));
    }
    CHECK_FALSE(datadir::is_reservation_alive(layout, 1, token));
    const auto again = datadir::Reservation::take(layout);
    CHECK(again.number() == 1);
    CHECK_FALSE(datadir::is_reservation_alive(layout, 1, token));
    CHECK(datadir::is_reservation_alive(layout, 1, again.token()));
}
