#include "outlet/folder_name.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "model/mailbox_name.hpp"
#include "outlet/writer.hpp"

using namespace mox::outlet;

TEST_CASE("mailboxes have the paths that other programs give them", "[outlet]") {
    struct Row {
        std::string name, maildirpp, nested;
    };
    const Row row = GENERATE(
        Row{"Inbox", "", "Inbox"}, Row{"Sent", ".Sent", "Sent"}, Row{"Lists/C++", ".Lists.C++", "Lists/C++"},
        Row{"Inbox/Old", ".INBOX.Old", "Inbox/Old"}, Row{"v1.2/3", ".v1%2e2.3", "v1.2/3"},
        Row{"50 %", ".50 %25", "50 %25"}, Row{"M\xc3\xbcll", ".M&APw-ll", "M\xc3\xbcll"}, Row{"A&B", ".A&-B", "A&B"},
        Row{"a/cur", ".a.cur", "a/%63ur"}, Row{"TMP", ".TMP", "%54MP"}, Row{".hidden", ".%2ehidden", "%2ehidden"},
        Row{"a:b*?", ".a:b*?", "a%3ab%2a%3f"}, Row{"x.mbox/y", ".x%2embox.y", "x%2embox/y"},
        Row{"\xf0\x9f\x93\xac", ".&2D3c7A-", "\xf0\x9f\x93\xac"},
        Row{"\xe5\x8f\xb0\xe5\x8c\x97/x", ".&U,BTFw-.x", "\xe5\x8f\xb0\xe5\x8c\x97/x"},
        Row{"subscriptions/x", ".subscriptions.x", "%73ubscriptions/x"}, Row{"ends. ", ".ends%2e ", "ends.%20"});
    INFO(row.name);
    CHECK(path_of_mailbox(row.name, Layout::maildirpp) == row.maildirpp);
    CHECK(path_of_mailbox(row.name, Layout::nested) == row.nested);
    CHECK(path_of_mailbox(row.name, Layout::mbox_tree) == row.nested + ".mbox");
    for (const auto layout : {Layout::maildirpp, Layout::nested, Layout::mbox_tree})
        CHECK(mailbox_of_path(path_of_mailbox(row.name, layout), layout) == row.name);
    CHECK(subscription_line(row.name, Layout::maildirpp) == (row.name == "Inbox" ? "INBOX" : row.maildirpp.substr(1)));
}

TEST_CASE("no two mailboxes have one path", "[outlet]") {
    std::vector<std::string> parts{"a",     "a.b", "a%2eb", "a.mbox", "a%2embox", "cur",
                                   "%63ur", "CUR", "&",     "&-",     ".",        "A"};
    std::vector<std::string> names;
    for (const auto& a : parts)
        for (const auto& b : parts)
            for (const auto& name : {a, a + "/" + b})
                if (mox::model::mailbox_name_problem(name).empty()) names.push_back(name);
    const std::set<std::string> unique(names.begin(), names.end());
    for (const auto layout : {Layout::maildirpp, Layout::nested, Layout::mbox_tree}) {
        std::set<std::string> paths;
        for (const auto& name : unique) {
            INFO(name);
            const auto path = path_of_mailbox(name, layout);
            CHECK(paths.insert(path).second);
            CHECK(mailbox_of_path(path, layout) == name);
            // No file of one mailbox is a folder of another.
            if (layout == Layout::mbox_tree) CHECK(path.find(".mbox/") == std::string::npos);
        }
    }
}

TEST_CASE("paths that no mailbox has are told from others", "[outlet]") {
    for (const std::string path : {".", "..", ".a..b", ".a.", "a", ".a%2", ".a%2g", ".a%2f", ".&AP", ".&AP-", ".&-&-&"})
        CHECK_FALSE(mailbox_of_path(path, Layout::maildirpp));
    for (const std::string path : {"", "a", "/a.mbox", "a//b.mbox", ".mbox", "../a.mbox", "a/%2fb.mbox", "%ff.mbox"})
        CHECK_FALSE(mailbox_of_path(path, Layout::mbox_tree));
}

TEST_CASE("a part of a name that is too long for a file system is found before", "[outlet]") {
    const std::string part(200, 'x');
    CHECK(path_problem(part + "/" + part, Layout::nested).empty());
    CHECK(path_problem(part + "/" + part, Layout::mbox_tree).empty());
    CHECK_FALSE(path_problem(part + "/" + part, Layout::maildirpp).empty());
    CHECK_FALSE(path_problem(std::string(254, 'x'), Layout::mbox_tree).empty());
    CHECK(path_problem(std::string(255, 'x'), Layout::nested).empty());
}
