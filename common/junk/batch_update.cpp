#include "junk/batch_update.hpp"

namespace mox::junk {

void add_batch(FilterDb& filter, const Update& others,
               const std::function<void(const FilterDb::PutWord& put)>& give_words) {
    db::Database& database = filter.database();
    db::Transaction tx(database);
    {
        db::Statement add = database.prepare(
            "INSERT INTO words (key, ham, spam) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET ham = ham + excluded.ham, spam = spam + excluded.spam");
        give_words([&](WordKey word, const Counts& counts) { add.run(stored(word), counts.ham, counts.spam); });
    }
    for (const auto& [message, state] : others.unread)
        database.run("INSERT OR IGNORE INTO unread (message_id, state) VALUES (?, ?)", message, state);
    database.run(
        "UPDATE filter SET ham_messages = ham_messages + ?, spam_messages = spam_messages + ?,"
        " applied_log = coalesce(?, applied_log)",
        others.messages.ham, others.messages.spam, others.applied_log);
    tx.commit();
}

}  // namespace mox::junk
