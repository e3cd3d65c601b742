// A client that applies all updates has what a new search would find, whatever happens to a mailbox.

#include <catch2/catch.hpp>

#include <random>
#include <sstream>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::Client;
using test::MailFixture;

namespace {

using Numbers = std::vector<std::uint32_t>;

// As the answer has them: ranges stay where they are.
Numbers expanded(const std::string& set) {
    Numbers out;
    Cursor in(set);
    do {
        const auto first = static_cast<std::uint32_t>(in.expect_number());
        const auto last = in.take(':') ? static_cast<std::uint32_t>(in.expect_number()) : first;
        for (auto number = first; number <= last; ++number) out.push_back(number);
    } while (in.take(','));
    return out;
}

// What a client makes of one search.
struct Mirror {
    std::string tag, command, classic;  // "UID SEARCH RETURN (UPDATE ALL) SEEN", "UID SEARCH SEEN"
    bool uids = false, sorted = false;
    Numbers list{};

    void add(std::size_t position, const Numbers& numbers) {
        for (const auto number : numbers) REQUIRE(std::ranges::find(list, number) == list.end());
        REQUIRE((position != 0) == sorted);
        REQUIRE(position <= list.size() + 1);
        if (sorted) {
            list.insert(list.begin() + static_cast<std::ptrdiff_t>(position - 1), numbers.begin(), numbers.end());
        } else {
            list.insert(list.end(), numbers.begin(), numbers.end());
            std::ranges::sort(list);
        }
    }
    void remove(std::size_t position, const Numbers& numbers) {
        REQUIRE((position != 0) == sorted);
        for (const auto number : numbers) {
            const auto at = std::ranges::find(list, number);
            REQUIRE(at != list.end());
            if (sorted) REQUIRE(at == list.begin() + static_cast<std::ptrdiff_t>(position - 1));
            list.erase(at);
        }
    }
    void expunged(std::uint32_t gone) {
        if (uids) return;
        REQUIRE(std::ranges::find(list, gone) == list.end());
        for (auto& number : list)
            if (number > gone) --number;
    }
};

void follow(std::vector<Mirror>& mirrors, const std::string& output) {
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string star, first, second;
        words >> star >> first >> second;
        if (second.starts_with("EXPUNGE"))
            for (auto& mirror : mirrors) mirror.expunged(static_cast<std::uint32_t>(std::stoul(first)));
        if (first != "ESEARCH") continue;
        std::string tag, what;
        words >> tag >> what;
        const auto mirror = std::ranges::find(mirrors, tag.substr(1, tag.size() - 3), &Mirror::tag);
        REQUIRE(mirror != mirrors.end());
        REQUIRE((what == "UID") == mirror->uids);
        if (mirror->uids) words >> what;
        if (what == "ALL") {
            std::string set;
            words >> set;
            mirror->list = expanded(set);
            continue;
        }
        std::string position, set;
        while (words >> position >> set) {
            const auto at = std::stoul(position.substr(position.front() == '(' ? 1 : 0));
            if (what == "ADDTO")
                mirror->add(at, expanded(set));
            else
                mirror->remove(at, expanded(set));
        }
    }
}

// The numbers of "* SEARCH 1 2".
Numbers found(const std::string& answer) {
    std::istringstream words(answer.substr(0, answer.find('\r')));
    std::string word;
    words >> word >> word;
    Numbers out;
    while (words >> word) out.push_back(static_cast<std::uint32_t>(std::stoul(word)));
    return out;
}

struct Chance {
    std::mt19937 engine;
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(engine() % limit); }
};

model::Flags some_flags(Chance& chance) {
    using model::Flag;
    model::Flags flags;
    for (const auto flag : {Flag::seen, Flag::flagged, Flag::deleted})
        if (chance.below(2) == 0) flags = flags | flag;
    return flags;
}

}  // namespace

TEST_CASE("a client that follows updates has what a new search would find", "[imap]") {
    const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
    CAPTURE(seed);
    Chance chance{std::mt19937(seed)};
    MailFixture f;
    std::uint32_t uidnext = 1;
    const auto deliver = [&] {
        f.deliver("Inbox", f.message(std::string(1, static_cast<char>('a' + chance.below(8)))),
                  {.flags = some_flags(chance)});
        ++uidnext;
    };
    for (int i = 0; i < 20; ++i) deliver();
    std::vector<Mirror> mirrors{
        {"s1", "SEARCH RETURN (UPDATE ALL) UNSEEN", "SEARCH UNSEEN"},
        {"s2", "UID SEARCH RETURN (UPDATE ALL) OR SUBJECT a FLAGGED", "UID SEARCH OR SUBJECT a FLAGGED", true},
        {"s3", "UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED", "UID SORT (SUBJECT) UTF-8 UNDELETED", true,
         true},
        {"s4", "SORT RETURN (UPDATE ALL) (REVERSE SUBJECT FROM) UTF-8 ALL", "SORT (REVERSE SUBJECT FROM) UTF-8 ALL",
         false, true},
        {"s5", "SORT RETURN (UPDATE ALL) (REVERSE DATE SUBJECT) UTF-8 BODY hello SEEN",
         "SORT (REVERSE DATE SUBJECT) UTF-8 BODY hello SEEN", false, true},
        {"s6", "SEARCH RETURN (UPDATE ALL) ALL", "SEARCH ALL"},
    };
    Client c(f);
    (void)c("a SELECT Inbox");
    for (const auto& mirror : mirrors) follow(mirrors, c(mirror.tag + " " + mirror.command));
    const auto any = [&] { return std::to_string(1 + chance.below(uidnext - 1)); };
    for (int round = 0; round < 60; ++round) {
        for (std::uint32_t steps = chance.below(4); steps > 0; --steps) {
            const auto uid = store::Uid{1 + chance.below(uidnext - 1)};
            switch (chance.below(8)) {
                case 0:
                    for (std::uint32_t i = chance.below(5); i > 0; --i) deliver();
                    break;
                case 1:
                    f.change([&](store::Transaction& tx) {
                        (void)store::change_flags(tx, f.id_of("Inbox"), {{uid, store::Uid{number(uid) + 3}}},
                                                  {.flags = some_flags(chance)});
                    });
                    break;
                case 2:
                    f.change([&](store::Transaction& tx) {
                        (void)store::expunge(tx, f.id_of("Inbox"), {{uid, uid}}, store::Expunge::all);
                    });
                    break;
                case 3:
                    follow(mirrors, c("b UID STORE " + any() + ":" + any() + " +FLAGS.SILENT (\\Seen \\Flagged)"));
                    break;
                case 4:
                    follow(mirrors, c("b STORE 1:3 -FLAGS.SILENT (\\Seen \\Deleted)"));
                    break;
                case 5:
                    follow(mirrors, c("b FETCH 1 UID"));
                    break;
                case 6:
                    follow(mirrors, c("b UID EXPUNGE " + any()));
                    break;
                default:
                    follow(mirrors, c("b UID STORE " + any() + ",*,$ FLAGS.SILENT (\\Deleted)"));
                    break;
            }
        }
        follow(mirrors, c("b NOOP"));
        for (const auto& mirror : mirrors) {
            CAPTURE(round, mirror.command);
            REQUIRE(mirror.list == found(c("b " + mirror.classic)));
        }
    }
    REQUIRE(std::ranges::any_of(mirrors, [](const Mirror& mirror) { return !mirror.list.empty(); }));
}
