#include "base/error.hpp"
#include "server/imap/mail_fixture.hpp"
#include "server/imap/sort_request.hpp"

using namespace mox;
using test::Client;
using test::MailFixture;

namespace {

std::string mail(std::string_view from, std::string_view to, std::string_view subject, std::string_view date,
                 std::string_view more = {}) {
    return "From: " + std::string(from) + "\r\nTo: " + std::string(to) + "\r\nSubject: " + std::string(subject) +
           "\r\nDate: " + std::string(date) + "\r\n" + std::string(more) + "\r\nx\r\n";
}

std::string id(std::string_view own, std::string_view references = {}) {
    std::string out = "Message-ID: <" + std::string(own) + "@x>\r\n";
    if (!references.empty()) out += "References: <" + std::string(references) + "@x>\r\n";
    return out;
}

imap::SortRequest parsed(std::string_view text) {
    imap::Parser parser(text);
    return imap::parse_sort(parser);
}

}  // namespace

TEST_CASE("sort requests are read and written", "[imap]") {
    struct Row {
        std::string text, written;
    };
    const auto row = GENERATE(values<Row>({
        {"(DATE) UTF-8 ALL", "(DATE) UTF-8 ALL"},
        {"(reverse subject From) us-ascii UNSEEN 1", "(REVERSE SUBJECT FROM) UTF-8 NOT SEEN 1"},
        {"(DISPLAYFROM REVERSE DISPLAYTO ARRIVAL SIZE CC TO) \"UTF-8\" ALL",
         "(DISPLAYFROM REVERSE DISPLAYTO ARRIVAL SIZE CC TO) UTF-8 ALL"},
    }));
    CHECK(imap::to_string(parsed(row.text)) == row.written);
    CHECK(parsed(imap::to_string(parsed(row.text))) == parsed(row.text));
}

TEST_CASE("what cannot be sorted by is refused", "[imap]") {
    const auto text = GENERATE(values<std::string>(
        {"", "DATE UTF-8 ALL", "() UTF-8 ALL", "(FOO) UTF-8 ALL", "(REVERSE) UTF-8 ALL", "(DATE ) UTF-8 ALL",
         "(REVERSE REVERSE DATE) UTF-8 ALL", "(DATE UTF-8 ALL", "(DATE) ALL", "(DATE) UTF-8", "(DATE) UTF-8 FOO"}));
    CAPTURE(text);
    try {
        (void)parsed(text);
        FAIL("read");
    } catch (const SyntaxError&) {
    } catch (const imap::Refusal& refusal) {  // ALL is no charset
        CHECK(text == "(DATE) ALL");
    }
}

TEST_CASE("SORT puts messages in order", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", mail("Bob <b@x.example>", "zed@x.example", "banana", "Tue, 3 Jan 2023 10:00:00 +0000"),
              {.received = {.seconds = 1'700'000'300}});
    f.deliver("Inbox",
              mail("ann@x.example", "Yan <y@x.example>", "Re: Apple", "Tue, 3 Jan 2023 10:00:00 +0200",
                   "X: yyyyyyyyyyyyyy\r\n"),
              {.received = {.seconds = 1'700'000'100}});
    f.deliver("Inbox",
              mail("=?utf-8?q?=C3=84nne?= <c@x.example>", "a@x.example", "apple", "Tue, 3 Jan 2023 09:00:00 +0000"),
              {.received = {.seconds = 1'700'000'200}, .flags = model::Flag::seen});
    f.deliver("Inbox", "\r\n", {.received = {.seconds = 1'600'000'000}});
    struct Row {
        std::string command, order;
    };
    static const std::vector<Row> rows{
        {"SORT (ARRIVAL) UTF-8 ALL", " 4 2 3 1"},
        {"SORT (REVERSE ARRIVAL) UTF-8 ALL", " 1 3 2 4"},
        {"SORT (DATE) UTF-8 ALL", " 4 2 3 1"},
        {"SORT (SUBJECT) UTF-8 ALL", " 4 2 3 1"},
        {"SORT (SUBJECT REVERSE DATE) UTF-8 ALL", " 4 3 2 1"},
        {"SORT (REVERSE SUBJECT) UTF-8 ALL", " 1 2 3 4"},
        {"SORT (FROM) UTF-8 ALL", " 4 2 1 3"},
        {"SORT (DISPLAYFROM) UTF-8 ALL", " 4 2 1 3"},
        {"SORT (TO) UTF-8 ALL", " 4 3 2 1"},
        {"SORT (DISPLAYTO) UTF-8 ALL", " 4 3 2 1"},
        {"SORT (CC) UTF-8 ALL", " 1 2 3 4"},
        {"SORT (REVERSE SIZE) UTF-8 1:2,4", " 2 1 4"},
        {"UID SORT (DATE) UTF-8 UNSEEN", " 4 2 1"},
        {"SORT (DATE) UTF-8 SUBJECT nothing", ""},
    };
    Client c(f);
    (void)c("a SELECT Inbox");
    for (const auto& row : rows) {
        CAPTURE(row.command);
        CHECK(c("b " + row.command).starts_with("* SORT" + row.order + "\r\nb OK "));
    }
    CHECK(c("c SORT (DATE) KOI8-R ALL").starts_with("c NO [BADCHARSET"));
    CHECK(c("d SORT (DATE) ALL").starts_with("d NO [BADCHARSET"));
}

TEST_CASE("THREAD tells who answers whom", "[imap]") {
    MailFixture f;
    const std::string at = "Tue, 3 Jan 2023 10:0";
    const auto deliver = [&](std::string_view mailbox, std::string_view subject, int minute, const std::string& ids) {
        f.deliver(mailbox, mail("a@x", "b@x", subject, at + std::to_string(minute) + ":00 +0000", ids));
    };
    deliver("Inbox", "one", 1, id("1"));
    deliver("Inbox", "other", 2, id("2"));
    deliver("Inbox", "Re: one", 3, id("3", "1"));
    deliver("Inbox", "Re: one", 5, id("4", "3"));
    deliver("Inbox", "Re: one", 4, id("5", "3"));
    deliver("Inbox", "Re: one", 6, id("6", "4"));
    deliver("Archive", "elsewhere", 1, id("7"));
    deliver("Inbox", "Re: elsewhere", 8, id("8", "7"));
    deliver("Inbox", "Re: elsewhere", 9, id("9", "7"));
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b THREAD REFERENCES UTF-8 ALL") == "* THREAD (1 3 (5)(4 6))(2)((7)(8))\r\nb OK THREAD done\r\n");
    CHECK(c("c UID THREAD REFERENCES UTF-8 UID 4:6") == "* THREAD ((5)(4 6))\r\nc OK UID THREAD done\r\n");
    CHECK(c("d THREAD REFERENCES UTF-8 1,4,6") == "* THREAD (1 4 6)\r\nd OK THREAD done\r\n");
    CHECK(c("e THREAD ORDEREDSUBJECT UTF-8 ALL") == "* THREAD (1 (3)(5)(4)(6))(2)(7 8)\r\ne OK THREAD done\r\n");
    CHECK(c("f THREAD REFERENCES UTF-8 SEEN") == "* THREAD\r\nf OK THREAD done\r\n");
    for (const auto* const bad :
         {"g THREAD", "g THREAD FOO UTF-8 ALL", "g THREAD REFERENCES ALL", "g THREAD REFERENCES UTF-8"})
        CHECK_FALSE(c(bad).starts_with("* "));
}

TEST_CASE("THREAD goes by what the messages themselves refer to", "[imap]") {
    MailFixture f;
    const auto deliver = [&](int minute, const std::string& ids) {
        return f.deliver("Inbox",
                         mail("a@x", "b@x", "", "Tue, 3 Jan 2023 10:0" + std::to_string(minute) + ":00 +0000", ids));
    };
    (void)deliver(1, id("1"));
    (void)deliver(2, "Message-ID: <2@x>\r\nIn-Reply-To: <1@x>\r\n");
    (void)deliver(3, "Message-ID: <3@X>\r\nReferences: <1@x>\r\n\t<4@x>\r\n <2@x>\r\n");
    (void)deliver(4, id("4", "1"));
    const auto last = deliver(5, id("5", "4"));
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b THREAD REFERENCES UTF-8 ALL") == "* THREAD (1 (2 3)(4 5))\r\nb OK THREAD done\r\n");
    // What is expunged, or not asked for, holds nothing together but by the references of others.
    CHECK(c("c THREAD REFERENCES UTF-8 1,3:5") == "* THREAD (1 4 (3)(5))\r\nc OK THREAD done\r\n");
    CHECK(c("d THREAD REFERENCES UTF-8 2,4:5") == "* THREAD ((2)(4 5))\r\nd OK THREAD done\r\n");
    // A file that cannot be read only has no references.
    std::filesystem::remove(f.other().message_file(last.id));
    CHECK(c("e THREAD REFERENCES UTF-8 4:5") == "* THREAD (4)(5)\r\ne OK THREAD done\r\n");
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{5}, store::Uid{5}}}, store::Expunge::all);
    });
}

TEST_CASE("a thread of any depth is told", "[imap]") {
    MailFixture f;
    std::string numbers;
    for (int i = 1; i <= 300; ++i) {
        f.deliver("Inbox", mail("a@x", "b@x", "deep", "Tue, 3 Jan 2023 10:00:00 +0000",
                                id(std::to_string(i), i > 1 ? std::to_string(i - 1) : "")));
        numbers += (i > 1 ? " " : "") + std::to_string(i);
    }
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b THREAD REFERENCES UTF-8 ALL") == "* THREAD (" + numbers + ")\r\nb OK THREAD done\r\n");
    CHECK(c("c SORT (DATE) UTF-8 ALL").ends_with(" 300\r\nc OK SORT done\r\n"));
}
