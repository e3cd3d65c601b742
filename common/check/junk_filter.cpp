#include "check/junk_filter.hpp"

#include <fmt/format.h>

#include "junk/filter_db.hpp"

namespace mox::check {

namespace {

constexpr std::string_view retrain_hint = "mox-retrain makes the filter anew";

struct Filter {
    std::int64_t ham = 0, spam = 0, applied_log = 0, unread_ham = 0, unread_spam = 0;
};

Filter read_filter(db::Database& database) {
    Filter filter;
    if (const auto row = database.row<std::int64_t, std::int64_t, std::int64_t>(
            "SELECT ham_messages, spam_messages, applied_log FROM filter"))
        std::tie(filter.ham, filter.spam, filter.applied_log) = *row;
    if (const auto row = database.row<std::int64_t, std::int64_t>(
            "SELECT coalesce(sum(state = 2), 0), coalesce(sum(state = 1), 0) FROM unread"))
        std::tie(filter.unread_ham, filter.unread_spam) = *row;
    return filter;
}

// Messages that have a placement trained as `state` once what the log has after `applied` is taken back.
std::int64_t trained_messages(db::Database& database, int state, std::int64_t applied) {
    return database
        .value<std::int64_t>(
            "SELECT count(*) FROM (SELECT message_id FROM ("
            "SELECT message_id, count(*) AS n FROM placement WHERE trained = ?1 GROUP BY message_id UNION ALL "
            "SELECT message_id, sum((from_state = ?1) - (to_state = ?1)) FROM training_log WHERE id > ?2"
            " GROUP BY message_id) GROUP BY message_id HAVING sum(n) > 0)",
            state, applied)
        .value_or(0);
}

void check_words(Scope& scope, const std::string& path, db::Database& database, const Filter& filter) {
    const auto count = database.value<std::int64_t>(
        "SELECT count(*) FROM words WHERE ham > ? OR spam > ? OR ham < 0 OR spam < 0", filter.ham, filter.spam);
    if (count.value_or(0) > 0)
        scope.add("junk-words", path, fmt::format("has {} words in more messages than it has counted", *count),
                  std::string(retrain_hint));
}

}  // namespace

bool check_junk_filter(Scope& scope, const std::string& account) {
    const auto path = scope.run().layout.junk_filter_db(account);
    const auto opened = OpenedDatabase::open(scope, path, junk::filter_schema(), IfMissing::fine);
    if (!opened) return true;
    scope.run().pool.run(opened->format_tasks(scope, junk::filter_schema()));
    return !opened->changed_meanwhile();
}

bool check_training(Scope& scope, OpenedDatabase& account_database, const std::string& account) {
    const auto path = scope.run().layout.junk_filter_db(account);
    const auto opened = OpenedDatabase::open(scope, path, junk::filter_schema(), IfMissing::fine);
    bool stable = true;
    scope.guard(account_database.path(), [&] {
        const auto state = account_database.borrow();
        Filter filter;
        if (opened) {
            const auto words = opened->borrow();
            filter = read_filter(*words);
            check_words(scope, opened->path(), *words, filter);
        }
        const auto newest =
            state->value<std::int64_t>("SELECT seq FROM sqlite_sequence WHERE name = 'training_log'").value_or(0);
        if (filter.applied_log > newest && account_database.is_live()) {
            stable = false;
            return;
        }
        if (filter.applied_log > newest)
            scope.add("junk-counts", opened->path(),
                      fmt::format("has applied changes up to {} of the training log, which has counted to {} only",
                                  filter.applied_log, newest),
                      std::string(retrain_hint));
        const auto compare = [&](std::string_view kind, int as, std::int64_t counted, std::int64_t unread) {
            const std::int64_t trained = trained_messages(*state, as, filter.applied_log);
            if (counted + unread == trained) return;
            scope.add(
                "junk-counts", opened ? opened->path() : account_database.path(),
                fmt::format("the junk filter has counted {} messages as {} and could not read {}; {} are trained so",
                            counted, kind, unread, trained),
                std::string(retrain_hint));
        };
        compare("junk", 1, filter.spam, filter.unread_spam);
        compare("ham", 2, filter.ham, filter.unread_ham);
    });
    return stable && (!opened || !opened->changed_meanwhile());
}

}  // namespace mox::check
