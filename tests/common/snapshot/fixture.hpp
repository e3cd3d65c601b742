#pragma once

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <mutex>
#include <set>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "datadir/layout.hpp"
#include "db/inspect.hpp"
#include "queue/queue.hpp"
#include "snapshot/check_manifest.hpp"
#include "snapshot/databases.hpp"
#include "snapshot/take.hpp"
#include "store/account.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/erase.hpp"
#include "store/mailbox.hpp"
#include "store/schema.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

namespace fs = std::filesystem;

inline std::string message_text(int number) {
    return "From: <a@example.org>\r\nMessage-Id: <" + std::to_string(number) + "@example.org>\r\nSubject: number " +
           std::to_string(number) + "\r\n\r\n" + std::string(static_cast<std::size_t>(number % 50) * 20, 'x') + "\r\n";
}

// Every file below `root` with its contents (a link's target, "" for other kinds), without SQLite's side files and
// what locking leaves: what "untouched" means.
inline std::map<std::string, std::string> contents_of(const fs::path& root) {
    std::map<std::string, std::string> found;
    if (!status_of(root)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const std::string name = entry.path().lexically_relative(root).native();
        if (name.ends_with("-wal") || name.ends_with("-shm") || name.starts_with("locks")) continue;
        if (entry.is_symlink())
            found[name] = fs::read_symlink(entry.path()).native();
        else if (entry.is_regular_file() && fs::status(entry.path()).permissions() != fs::perms::none)
            found[name] = read_file(entry.path());
        else
            found[name] = "";
    }
    return found;
}

class Hearing final : public snapshot::Observer {
public:
    void problem(const snapshot::Problem& problem) override {
        const std::lock_guard lock(mutex_);
        problems_.insert(problem.path + ": " + problem.detail);
    }
    void stored(std::uint64_t files, std::uint64_t) override {
        stored_ += files;
        if (on_stored) on_stored();
    }
    [[nodiscard]] const std::set<std::string>& problems() const { return problems_; }
    [[nodiscard]] std::uint64_t stored_files() const { return stored_; }
    std::function<void()> on_stored;

private:
    std::mutex mutex_;
    std::set<std::string> problems_;
    std::atomic<std::uint64_t> stored_ = 0;
};

inline std::vector<std::string> deviations(const fs::path& snapshot) {
    std::vector<std::string> found;
    snapshot::check_manifest(snapshot, [&](const auto& d) { found.push_back(d.path + ": " + d.detail); });
    return found;
}

// Every row of every account has its file, with the right size and contents; databases stand alone and are whole.
inline void require_whole(const fs::path& snapshot) {
    REQUIRE(deviations(snapshot).empty());
    const datadir::Layout layout = datadir::open(snapshot / "data");
    for (const auto& entry : fs::recursive_directory_iterator(snapshot)) {
        const std::string name = entry.path().filename().native();
        REQUIRE_FALSE((name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal")));
    }
    for (const auto& account : datadir::account_names(layout)) {
        auto database = snapshot::open_copy(layout.account_db(account), store::account_schema());
        REQUIRE(database.value<std::string>("PRAGMA journal_mode") == "delete");
        std::vector<std::string> faults;
        const auto report = [&](const std::string& text) { faults.push_back(text); };
        db::check_integrity(database, 5, report);
        db::check_seals(database, 5, report);
        for (const auto& [id, size, hash] : database.rows<std::int64_t, std::int64_t, std::string>(
                 "SELECT id, size - length(prefix), file_sha256 FROM message WHERE id NOT IN (SELECT message_id FROM"
                 " erase_queue)")) {
            const auto file = layout.message(account, id);
            if (!status_of(file)) {
                faults.push_back("no file " + std::to_string(id));
                continue;
            }
            const std::string contents = read_file(file);
            if (static_cast<std::int64_t>(contents.size()) != size) faults.push_back("size of " + std::to_string(id));
            const auto digest = sha256(as_bytes(contents));
            if (as_text(digest) != hash) faults.push_back("contents of " + std::to_string(id));
        }
        REQUIRE(faults == std::vector<std::string>{});
    }
}

// A data directory with two accounts, a queue and a configuration.
struct Source {
    TempDir dir;
    FixedClock clock{1'700'000'000};
    datadir::Layout layout = datadir::create(dir / "source");
    fs::path config = dir / "config";
    fs::path dest = dir / "dest";
    std::vector<std::int64_t> ids;  // of alice's messages

    Source() {
        for (const auto* name : {"alice", "bob"}) {
            auto account = store::Account::create(layout, name, store::default_initial_mailboxes(), {.clock = &clock});
            for (int i = 0; i < 5; ++i) {
                const auto done = store::deliver(account, "Inbox", {.received = clock.now()}, message_text(i));
                if (name == std::string_view("alice")) ids.push_back(number(done.id));
            }
            account.close();
        }
        dir.write("source/receivedid.key", "123456789012345678901234");
        dir.write("source/lastknownversion", "0.1.0");
        dir.write("source/acme/keycerts/example.org", "key");
        dir.write("config/mox.conf", "DataDir: ../source\n");
        dir.write("config/domains.conf", "");
        dir.write("config/dkim/key.pem", "secret");
        fs::permissions(config / "dkim/key.pem", fs::perms(0600));
        fs::create_symlink("mox.conf", config / "link");
    }
    [[nodiscard]] std::string message(std::size_t index) const {
        return "accounts/alice/msg/" + datadir::message_path(ids.at(index));
    }
    [[nodiscard]] snapshot::TakeOptions options() const {
        return {.data_dir = layout.root(),
                .config_dir = config,
                .jobs = 2,
                .lock_timeout = std::chrono::milliseconds(300),
                .clock = &clock};
    }
    snapshot::Manifest take(Hearing& hearing) const { return snapshot::take(options(), dest, hearing); }
};

}  // namespace mox::test
