#include "intake/dovecot_files.hpp"

#include <catch2/catch.hpp>

#include "intake/folder_names.hpp"
#include "intake/gmail_labels.hpp"
#include "intake/mailbox_names.hpp"
#include "intake/thunderbird.hpp"
#include "model/mailbox_name.hpp"

using namespace mox;
using namespace mox::intake;

TEST_CASE("dovecot-uidlist gives the UID of a file whatever its flags are now", "[intake]") {
    const std::string text =
        "3 V1700000000 N9 Gabcdef\n2 W120 :1700000001.M1P1.host,S=100:2,S\nnonsense\n5 :1700000002.M1P1.host\n"
        "0 :zero\n7 :\n8 G1 :1700000003.M1P1.host:2,";
    for (const std::size_t chunk : {1U, 3U, 1000U}) {
        UidList uids;
        for (std::size_t at = 0; at < text.size(); at += chunk) uids.feed(std::string_view(text).substr(at, chunk));
        uids.finish();
        CHECK(uids.size() == 3);
        CHECK(uids.uid_of("1700000001.M1P1.host,S=100:2,FS") == 2);
        CHECK(uids.uid_of("1700000002.M1P1.host:2,a") == 5);
        CHECK(uids.uid_of("1700000003.M1P1.host") == 8);
        CHECK_FALSE(uids.uid_of("1700000004.M1P1.host"));
        REQUIRE(uids.problems().size() == 3);
        CHECK(uids.problems()[0].starts_with("3: "));
    }
    UidList old;
    old.feed("1 1700000000 4\n2 one\n3 two:2,S\n");
    old.finish();
    CHECK(old.uid_of("two") == 3);
    UidList bad;
    bad.feed("9 what\n" + std::string(10'000, 'x') + "\n");
    bad.finish();
    CHECK(bad.problems().size() == 2);
}

TEST_CASE("modified UTF-7 is decoded where it is valid", "[intake]") {
    CHECK(from_modified_utf7("Entw&APw-rfe") == "Entw\u00fcrfe");
    CHECK(from_modified_utf7("&U,BTFw-") == "\u53f0\u5317");
    CHECK(from_modified_utf7("&2D3cSw-") == "\U0001f44b");
    CHECK(from_modified_utf7("R&-D") == "R&D");
    for (const std::string_view broken : {"R&D", "&APw", "&A-", "&2D0-", "&3Es-", "&AP x-", "caf\xc3\xa9"})
        CHECK_FALSE(from_modified_utf7(broken));
    CHECK(maildir_plus_parts(".Lists.Entw&APw-rfe..R&D") == FolderName{"Lists", "Entw\u00fcrfe", "R&D"});
}

TEST_CASE("subscriptions are read in both versions", "[intake]") {
    CHECK(parse_subscriptions("INBOX\nLists.Debian\r\n\n") == std::set<std::string>{"INBOX", "Lists.Debian"});
    CHECK(parse_subscriptions("V\t2\n\nLists\tDebian\nSent\n") == std::set<std::string>{"Lists.Debian", "Sent"});
}

TEST_CASE("escapes of mox-export in names are decoded, and no other percent signs", "[intake]") {
    CHECK(parts_of_folder(".Lists.v1%2e2") == FolderName{"Lists", "v1.2"});
    CHECK(parts_of_folder("%63ur") == FolderName{"cur"});
    CHECK(parts_of_folder("A &- B%3f") == FolderName{"A & B?"});
    CHECK(parts_of_mbox("x%2embox.mbox") == FolderName{"x.mbox"});
    for (const std::string plain : {"50 %", "%", "%2", "%zz", "%2E", "a%2fb", "%00", "%0a", "%c3", "%25 and %"}) {
        CHECK(parts_of_folder(plain) == FolderName{plain});
        CHECK(parts_of_mbox(plain + ".mbox") == FolderName{plain});
    }
}

TEST_CASE("a subscription has dots between parts in a maildir, and else perhaps slashes", "[intake]") {
    CHECK(parts_of_subscription("Lists.v1%2e2", true) == std::vector<FolderName>{{"Lists", "v1.2"}});
    CHECK(parts_of_subscription("Lists/v1.2", false) == std::vector<FolderName>{{"Lists/v1", "2"}, {"Lists", "v1.2"}});
}

TEST_CASE("every folder gets a name that a mailbox may have", "[intake]") {
    MailboxNames names;
    struct Row {
        FolderName folder;
        std::string mailbox;
        bool changed = false;
    };
    for (const auto& row : std::vector<Row>{
             {{}, "Inbox"},
             {{"INBOX"}, "Inbox", true},  // as the root
             {{"inbox", "Sub"}, "Inbox/Sub"},
             {{"Cafe\u0301"}, "Caf\u00e9"},
             {{"caf\xe9"}, "caf\u00e9", true},
             {{"a/b"}, "a_b", true},
             {{"a\nb"}, "a_b (2)", true},
             {{"a_b"}, "a_b (3)", true},
             {{"#x"}, "_x", true},
             {{"..", "."}, "__/_", true},
             {{""}, "_", true},
         }) {
        INFO(row.mailbox);
        const auto mapped = names.map(row.folder);
        CHECK(mapped.mailbox == row.mailbox);
        CHECK(mapped.changes.empty() != row.changed);
        CHECK(model::mailbox_name_problem(mapped.mailbox).empty());
    }
    CHECK(names.map({"a/b"}).mailbox == "a_b");  // the same folder again
    const auto first = names.map({std::string(3000, 'x') + "1"}), second = names.map({std::string(3000, 'x') + "2"});
    CHECK(first.mailbox != second.mailbox);
    CHECK(model::mailbox_name_problem(first.mailbox).empty());
    CHECK(model::mailbox_name_problem(names.map(FolderName(300, "d")).mailbox).empty());
    CHECK(model::mailbox_name_problem(names.map({std::string("\0\x01\xff", 3)}).mailbox).empty());
}

TEST_CASE("labels of Gmail become flags and places", "[intake]") {
    CHECK(parse_gmail_labels("Inbox,\"a, b\",\r\n =?UTF-8?Q?Entw=C3=BCrfe?=,Inbox,,") ==
          std::vector<std::string>{"Inbox", "a, b", "Entw\u00fcrfe"});
    const auto inbox = interpret({"Inbox", "Unread", "Starred", "Work/Paris", "Category Updates"});
    CHECK(inbox.flags == model::Flags(model::Flag::flagged));
    CHECK(inbox.mailboxes == std::vector<std::string>{"Inbox", "Work/Paris"});
    CHECK(inbox.user_labels == std::vector<std::string>{"Work/Paris"});
    CHECK(interpret({"Archived", "Opened"}).mailboxes == std::vector<std::string>{"Archive"});
    CHECK(interpret({"Spam", "Work"}).mailboxes == std::vector<std::string>{"Junk"});
    CHECK(interpret({"Gesendet"}).mailboxes == std::vector<std::string>{"Sent"});
}

TEST_CASE("Thunderbird's status fields become flags", "[intake]") {
    using model::Flag;
    model::FlagsAndKeywords marks;
    add_mozilla_status(marks, "100f");
    add_mozilla_status2(marks, "06800000");
    CHECK(marks.flags ==
          (Flag::seen | Flag::answered | Flag::flagged | Flag::deleted | Flag::forwarded | Flag::mdn_sent));
    CHECK(marks.keywords == model::Keywords{"$label3"});
    model::FlagsAndKeywords none;
    add_mozilla_status(none, "zz");
    add_mozilla_status(none, "");
    CHECK(none.flags.empty());
}
