#pragma once

#include <catch2/catch.hpp>

#include "base/encoding.hpp"
#include "cli/testing.hpp"
#include "datadir/layout.hpp"
#include "db/inspect.hpp"
#include "store/account.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "store/message_file.hpp"
#include "support/logical_dump.hpp"
#include "support/temp_dir.hpp"
#include "tools/import/importing.hpp"

namespace mox::test {

namespace fs = std::filesystem;

// One message of a mailbox, as it was stored.
struct Stored {
    std::string contents;
    std::vector<std::string_view> flags;
    std::string keywords;
    std::int64_t received = 0;
    store::Message message;
};

// Everything an import may change, apart from the ids that it burns.
struct AccountState {
    std::vector<std::string> rows;
    std::set<std::string> files;  // of messages
    std::set<std::string> temporary;
    friend bool operator==(const AccountState&, const AccountState&) = default;
};

// A data directory with the account alice.
class ImportFixture {
public:
    ImportFixture() { store::Account::create(layout_, "alice").close(); }
    explicit ImportFixture(const fs::path& root) : layout_(datadir::create(root)) {
        store::Account::create(layout_, "alice").close();
    }

    [[nodiscard]] const TempDir& folder() const { return folder_; }
    [[nodiscard]] const datadir::Layout& layout() const { return layout_; }
    [[nodiscard]] fs::path database_path() const { return layout_.account_db("alice"); }
    [[nodiscard]] store::Account account() const {
        return store::Account::open(layout_, "alice", {.access = db::Access::read_write});
    }

    // mox-import --data-dir … format alice mailbox path
    cli::ToolRun import(std::string_view format, const fs::path& path, std::string_view mailbox = "Inbox",
                        const std::vector<std::string>& options = {}) const;
    cli::ToolRun import_text(std::string_view text, std::string_view mailbox = "Inbox",
                             const std::vector<std::string>& options = {}) const {
        return import("mbox", folder_.write("in.mbox", text), mailbox, options);
    }

    [[nodiscard]] std::vector<Stored> messages(std::string_view mailbox = "Inbox") const;
    [[nodiscard]] AccountState state() const;
    // Seals, SQLite's checks, counts, and that files and rows explain each other.
    void require_consistent() const;

private:
    TempDir folder_;
    datadir::Layout layout_ = datadir::create(folder_ / "data");
};

inline cli::ToolRun ImportFixture::import(std::string_view format, const fs::path& path, std::string_view mailbox,
                                          const std::vector<std::string>& options) const {
    std::vector<std::string> words{"--data-dir", layout_.root().string()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", std::string(format), "alice", std::string(mailbox), path.string()});
    return cli::run_tool(importing::tool(), words);
}

inline std::vector<Stored> ImportFixture::messages(std::string_view mailbox) const {
    auto opened = account();
    const auto box = store::find_mailbox(opened.database(), mailbox);
    if (!box) return {};
    std::vector<Stored> found;
    for (const auto& placement : store::list_placements(opened.database(), box->id)) {
        auto message = store::find_message(opened.database(), placement.message).value();
        std::string contents = store::read_contents(opened.message_file(placement.message), message);
        found.push_back({.contents = std::move(contents),
                         .flags = model::imap_names(placement.flags),
                         .keywords = model::joined(placement.keywords),
                         .received = message.received.seconds,
                         .message = std::move(message)});
    }
    return found;
}

inline AccountState ImportFixture::state() const {
    auto opened = account();
    return {.rows = dump_rows(opened.database(), {"account"}),
            .files = files_below(layout_.messages("alice")),
            .temporary = files_below(layout_.tmp())};
}

inline void ImportFixture::require_consistent() const {
    auto opened = account();
    db::Database& database = opened.database();
    std::vector<std::string> problems;
    const auto report = [&](const std::string& text) { problems.push_back(text); };
    db::check_seals(database, 10, report);
    db::check_integrity(database, 10, report);
    std::set<std::string> explained;
    for (const auto& box : store::list_mailboxes(database)) {
        store::Counts counts;
        store::for_each_placement(database, box.id, [&](const store::Placement& placement) {
            const auto message = store::find_message(database, placement.message).value();
            counts += store::Counts::of(placement.flags, message.size_bytes);
            explained.insert(datadir::message_path(number(placement.message)));
            if (placement.uid >= box.uidnext) problems.push_back(box.name + ": UID not below UIDNEXT");
            if (model::merged(box.keywords, placement.keywords) != box.keywords)
                problems.push_back(box.name + ": a keyword of a message is not the mailbox's");
        });
        if (counts != box.counts) problems.push_back(box.name + ": wrong counts");
    }
    if (files_below(layout_.messages("alice")) != explained) problems.emplace_back("files and rows differ");
    if (database.value<int>("SELECT count(*) FROM id_block") != 0) problems.emplace_back("a journal row is left");
    if (!files_below(layout_.tmp()).empty()) problems.emplace_back("tmp is not empty");
    REQUIRE(problems == std::vector<std::string>{});
}

}  // namespace mox::test
