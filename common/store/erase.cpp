#include "store/erase.hpp"

#include <set>
#include <vector>

#include "datadir/lock.hpp"

namespace mox::store {

namespace {

constexpr int most_at_once = 1000;  // bounds the time that the write lock is held

std::vector<std::int64_t> erasable(db::Database& database, ModSeq newest) {
    std::vector<std::int64_t> ids;
    for (const auto& [id] : database.rows<std::int64_t>("SELECT message_id FROM erase_queue e WHERE NOT EXISTS (SELECT "
                                                        "1 FROM training_log t WHERE t.message_id = e.message_id)"
                                                        " AND modseq <= ? ORDER BY message_id LIMIT ?",
                                                        newest, most_at_once))
        ids.push_back(id);
    return ids;
}

void remove_files(const Account& account, const std::vector<std::int64_t>& ids) {
    std::set<std::filesystem::path> folders;
    for (const auto id : ids) {
        const auto path = account.message_file(static_cast<MessageId>(id));
        if (remove_file(path)) folders.insert(path.parent_path());
    }
    for (const auto& folder : folders) sync_directory(folder);
}

}  // namespace

std::int64_t erase_queued(Account& account, std::chrono::milliseconds patience, ModSeq newest) {
    const auto lock = datadir::try_lock_erasure(account.layout(), patience);
    if (!lock) return 0;
    std::int64_t erased = 0;
    for (;;) {
        const auto ids = erasable(account.database(), newest);
        if (ids.empty()) return erased;
        remove_files(account, ids);
        db::Transaction tx(account.database());
        for (const auto id : ids) {
            account.database().run("DELETE FROM erase_queue WHERE message_id = ?", id);
            account.database().run("DELETE FROM message WHERE id = ?", id);
        }
        tx.commit();
        erased += static_cast<std::int64_t>(ids.size());
    }
}

}  // namespace mox::store
