#pragma once

#include <catch2/catch.hpp>

#include "base/encoding.hpp"

#include "datadir/layout.hpp"
#include "db/inspect.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

// A data directory with one account and a clock that stands still.
struct Fixture {
    TempDir dir;
    FixedClock clock{1'700'000'000};
    datadir::Layout layout = datadir::create(dir / "data");
    store::Account account =
        store::Account::create(layout, "alice", store::default_initial_mailboxes(), {.clock = &clock});

    store::Delivered deliver(std::string_view mailbox, std::string_view contents, model::Flags flags = {},
                             model::Keywords keywords = {}) {
        return store::deliver(account, mailbox,
                              {.received = clock.now(), .flags = flags, .keywords = std::move(keywords)}, contents);
    }
    store::Mailbox mailbox(std::string_view name) { return store::find_mailbox(account.database(), name).value(); }
    std::vector<store::Placement> placements(std::string_view name) {
        return store::list_placements(account.database(), mailbox(name).id);
    }
    template <class Work>
    auto change(Work&& work) {
        store::Transaction tx(account);
        if constexpr (std::is_void_v<decltype(work(tx))>) {
            work(tx);
            tx.commit();
        } else {
            auto result = work(tx);
            tx.commit();
            return result;
        }
    }
    // Counts of every mailbox, computed anew, agree with the stored ones; every seal holds.
    void require_consistent() {
        for (const auto& box : store::list_mailboxes(account.database())) {
            store::Counts counts;
            store::for_each_placement(account.database(), box.id, [&](const store::Placement& p) {
                counts += store::Counts::of(p.flags, store::find_message(account.database(), p.message)->size_bytes);
                REQUIRE(p.uid < box.uidnext);
                for (const auto& keyword : p.keywords)
                    REQUIRE(std::find(box.keywords.begin(), box.keywords.end(), keyword) != box.keywords.end());
            });
            INFO(box.name);
            REQUIRE(counts == box.counts);
        }
        const auto total = account.database().value<std::int64_t>("SELECT sum(size) FROM mailbox");
        REQUIRE(total == account.database().value<std::int64_t>("SELECT message_size FROM account"));
        db::check_seals(account.database(), 10, [](const std::string& row) { FAIL("seal of " << row); });
        db::check_integrity(account.database(), 10, [](const std::string& text) { FAIL(text); });
    }
    [[nodiscard]] std::size_t file_count() const {
        std::size_t count = 0;
        if (directory_exists(layout.messages("alice")))
            for (const auto& entry : std::filesystem::recursive_directory_iterator(layout.messages("alice")))
                if (entry.is_regular_file()) ++count;
        return count;
    }
};

inline std::string message(std::string_view subject, std::string_view id = {}, std::string_view references = {}) {
    std::string text = "From: Ann <ann@example.org>\r\nTo: bob@example.net, Carol <carol@example.com>\r\nSubject: " +
                       std::string(subject) + "\r\n";
    if (!id.empty()) text += "Message-ID: <" + std::string(id) + ">\r\n";
    if (!references.empty()) text += "References: " + std::string(references) + "\r\n";
    return text + "\r\nHello.\r\n";
}

}  // namespace mox::test
