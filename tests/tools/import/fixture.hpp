#pragma once

#include <catch2/catch.hpp>

#include "base/encoding.hpp"
#include "cli/testing.hpp"
#include "datadir/layout.hpp"
#include "store/account.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "store/message_file.hpp"
#include "support/logical_dump.hpp"
#include "support/temp_dir.hpp"
#include "support/verify.hpp"
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
    // The directory keeps every promise, and nothing temporary is left.
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
    REQUIRE(findings_in(layout_) == std::vector<std::string>{});
    REQUIRE(account().database().value<int>("SELECT count(*) FROM id_block") == 0);
    REQUIRE(files_below(layout_.tmp()).empty());
}

}  // namespace mox::test
