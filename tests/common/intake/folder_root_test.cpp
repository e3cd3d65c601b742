#include "intake/folder_root.hpp"

#include <catch2/catch.hpp>

#include "intake/mailbox_names.hpp"
#include "intake/maildir_name.hpp"

using namespace mox;
using namespace mox::intake;

TEST_CASE("what only says where mail was is told from names of mailboxes", "[intake]") {
    struct Row {
        FolderPlaces places;
        std::size_t parts;
    };
    const auto row = GENERATE(values<Row>({
        {{}, 0},
        {{.folders = {{}}}, 0},
        {{.folders = {{"Work"}}}, 0},
        {{.folders = {{"Maildir"}}}, 1},
        {{.folders = {{"home", "MAIL", "x"}, {"home", "MAIL", "y"}}}, 2},
        {{.folders = {{"Mail", "x"}, {"Other"}}}, 0},
        {{.folders = {{"a", "b"}, {"a", "b", "Sub"}}, .with_children = {{"a", "b"}}}, 2},
        {{.folders = {{"a", "b"}, {"a", "c"}}, .with_children = {{"a", "b"}}}, 0},
        {{.folders = {{"a", "Mail", "b"}}, .with_lists = {{"a"}, {"a", "Mail"}}}, 1},
        {{.folders = {{"Mail", "Foo"}, {"Mail", "Bar"}}, .with_lists = {{}}}, 0},
        {{.folders = {{"Mail", "Foo"}, {"Mail", "Bar"}}, .with_lists = {{"Mail", "Foo"}}}, 1},
    }));
    CHECK(parts_before_root(row.places) == row.parts);
}

TEST_CASE("the root and a folder called Inbox share a mailbox, and it is said", "[intake]") {
    const bool root_first = GENERATE(true, false);
    MailboxNames names;
    const FolderName inbox{"INBOX"};
    CHECK(names.map(root_first ? FolderName() : inbox).changes.empty());
    const auto second = names.map(root_first ? inbox : FolderName());
    CHECK(second.mailbox == "Inbox");
    CHECK(second.changes == std::vector<std::string>{"shares its mailbox with another folder"});
}

TEST_CASE("the rank of a maildir's file follows the order of the files", "[intake]") {
    const std::vector<std::string> names{"0",      "7.a", "0008.b", "999999999.x", "1700000001.M1", "1700000001.M2",
                                         "nothing"};
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
        INFO(names[i]);
        CHECK(maildir_order(names[i], names[i + 1]));
        CHECK(maildir_rank(names[i], false) < maildir_rank(names[i + 1], false));
        CHECK(maildir_rank(names[i], true) > maildir_rank(names.back(), false));
    }
    CHECK(maildir_rank(std::string(100, '9') + ".a", true) < std::int64_t{1} << 60U);
    CHECK(maildir_rank(std::string(100, '9') + ".a", true) < maildir_rank("x", true));
    CHECK(maildir_rank("", false) >= 0);
}
