#pragma once

#include <catch2/catch.hpp>
#include <compare>

#include "store/deliver.hpp"
#include "tools/export/exporting.hpp"
#include "tools/import/fixture.hpp"

namespace mox::test {

// Everything of a message in a mailbox that an export carries.
struct Exported {
    std::string contents;
    std::uint32_t flags = 0;
    std::string keywords;
    std::int64_t seconds = 0;
    std::int32_t nanoseconds = 0;
    std::int16_t offset_minutes = 0;
    friend auto operator<=>(const Exported&, const Exported&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const Exported& m) {
    return out << m.seconds << '.' << m.nanoseconds << '+' << m.offset_minutes << " flags " << m.flags << " ["
               << m.keywords << "] " << escaped(m.contents.substr(0, 200));
}

// A data directory with the account alice, whose mail is exported, and bob, into whom it is imported again.
class ExportFixture : public ImportFixture {
public:
    ExportFixture() { store::Account::create(layout(), "bob").close(); }

    [[nodiscard]] fs::path out() const { return folder() / "out"; }
    [[nodiscard]] store::Account account_of(std::string_view name) const {
        return store::Account::open(layout(), name, {.access = db::Access::read_write});
    }

    // mox-export --data-dir … words
    [[nodiscard]] cli::ToolRun run(const std::vector<std::string>& words) const {
        std::vector<std::string> all{"--data-dir", layout().root().string()};
        all.insert(all.end(), words.begin(), words.end());
        return cli::run_tool(exporting::tool(), all);
    }
    void require_run(const std::vector<std::string>& words) const {
        const auto done = run(words);
        INFO(done.out << done.err);
        REQUIRE(done.exit_code == 0);
    }
    // mox-import of a mailbox of bob.
    void import_back(std::string_view format, const fs::path& path, const std::string& mailbox) const {
        const auto done = cli::run_tool(importing::tool(), {"--data-dir", layout().root().string(), std::string(format),
                                                            "bob", mailbox, path.string()});
        INFO(done.out << done.err);
        REQUIRE(done.exit_code == 0);
        // Of a maildir, odd contents are told as usual.
        if (format == "mbox") CHECK(done.err.empty());
    }

    void deliver(const std::string& mailbox, const std::string& contents, const store::NewMessage& message) const {
        auto account = account_of("alice");
        (void)store::deliver(account, mailbox, message, contents);
        account.close();
    }

    // In the order of UIDs.
    [[nodiscard]] std::vector<Exported> mail(std::string_view account, std::string_view mailbox) const {
        auto opened = account_of(account);
        const auto box = store::find_mailbox(opened.database(), mailbox);
        REQUIRE(box);
        std::vector<Exported> found;
        for (const auto& placement : store::list_placements(opened.database(), box->id)) {
            const auto message = store::find_message(opened.database(), placement.message).value();
            found.push_back({.contents = store::read_contents(opened.message_file(placement.message), message),
                             .flags = placement.flags.bits(),
                             .keywords = model::joined(placement.keywords),
                             .seconds = message.received.seconds,
                             .nanoseconds = message.received.nanoseconds,
                             .offset_minutes = message.received.offset_minutes});
        }
        return found;
    }
    [[nodiscard]] std::vector<std::string> mailboxes(std::string_view account = "alice") const {
        auto opened = account_of(account);
        std::vector<std::string> names;
        for (const auto& mailbox : store::list_mailboxes(opened.database())) names.push_back(mailbox.name);
        return names;
    }
};

}  // namespace mox::test
