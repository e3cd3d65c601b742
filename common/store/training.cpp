#include "store/training.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "base/pool.hpp"
#include "datadir/lock.hpp"
#include "junk/word_counter.hpp"
#include "store/message.hpp"
#include "store/trainable.hpp"

namespace mox::store {

namespace {

constexpr int most_rows = 500;                      // of the log in one change of the filter
constexpr std::size_t counting_bytes = 96U << 20U;  // of memory, all threads together

std::string lock_name(const Account& account) {
    return "train-" + account.name();
}

junk::Counts one(Trained state) {
    return state == Trained::as_junk ? junk::Counts{.ham = 0, .spam = 1} : junk::Counts{.ham = 1, .spam = 0};
}

// Rows of the log up to `last`, seen as one change of each message.
struct Batch {
    std::int64_t last = 0;
    struct Change {
        MessageId message{};
        Trained state{};
        bool train = false;
    };
    std::vector<Change> changes;
};

// How many placements of a message are in `state` once the log is applied up to `last`.
std::int64_t placements_at(db::Database& database, std::int64_t message, Trained state, std::int64_t last) {
    const auto now = database.value<std::int64_t>("SELECT count(*) FROM placement WHERE message_id = ? AND trained = ?",
                                                  message, state);
    const auto later = database.value<std::int64_t>(
        "SELECT coalesce(sum((to_state = ?2) - (from_state = ?2)), 0) FROM training_log WHERE message_id = ?1 AND id >"
        " ?3",
        message, state, last);
    return now.value_or(0) - later.value_or(0);
}

Batch next_batch(db::Database& database, std::int64_t applied) {
    const db::ReadTransaction unchanged(database);
    Batch batch{.last = applied, .changes = {}};
    std::set<std::int64_t> messages;
    for (const auto& [id, message] : database.rows<std::int64_t, std::int64_t>(
             "SELECT id, message_id FROM training_log WHERE id > ? ORDER BY id LIMIT ?", applied, most_rows)) {
        batch.last = id;
        messages.insert(message);
    }
    for (const auto message : messages) {
        for (const Trained state : {Trained::as_junk, Trained::as_ham}) {
            const bool before = placements_at(database, message, state, applied) > 0;
            const bool after = placements_at(database, message, state, batch.last) > 0;
            if (before != after) batch.changes.push_back({static_cast<MessageId>(message), state, after});
        }
    }
    return batch;
}

void add_words(junk::Update& update, const junk::WordSet& words, Trained state, std::int64_t sign) {
    for (const junk::WordKey word : words.keys()) {
        junk::Counts& counts = update.words[word];
        (state == Trained::as_junk ? counts.spam : counts.ham) += sign;
    }
    (state == Trained::as_junk ? update.messages.spam : update.messages.ham) += sign;
}

void apply_change(Account& account, junk::FilterDb& filter, junk::Tokenizer& tokenizer, const Batch::Change& change,
                  junk::Update& update, Training& result) {
    const junk::Unread as_unread{number(change.message), static_cast<int>(change.state)};
    if (!change.train && filter.is_unread(as_unread)) {
        update.no_longer_unread.push_back(as_unread);
        return;
    }
    const junk::WordSet& words = tokenizer.read(trainable_contents(account, change.message));
    if (change.train && words.empty()) {
        update.unread.push_back(as_unread);
        ++result.unread;
        return;
    }
    if (words.empty()) ++result.damaged;  // its words stay counted
    add_words(update, words, change.state, change.train ? 1 : -1);
    const junk::Counts counted = one(change.state);
    junk::Counts& sum = change.train ? result.added : result.removed;
    sum.ham += counted.ham;
    sum.spam += counted.spam;
}

void forget_log(Account& account, std::int64_t applied) {
    if (!account.database().value<int>("SELECT 1 FROM training_log WHERE id <= ? LIMIT 1", applied)) return;
    db::Transaction tx(account.database());
    account.database().run("DELETE FROM training_log WHERE id <= ?", applied);
    tx.commit();
}

// With the lock held. What the log has now, and not what is added meanwhile: somebody may add faster than we read.
Training apply_all(Account& account, junk::FilterDb& filter) {
    Training result;
    junk::Tokenizer tokenizer(filter.parameters());
    const std::int64_t end =
        account.database().value<std::int64_t>("SELECT coalesce(max(id), 0) FROM training_log").value_or(0);
    for (;;) {
        check_interrupt();
        const std::int64_t applied = filter.applied_log();
        forget_log(account, applied);
        const Batch batch = next_batch(account.database(), applied);
        if (batch.last == applied || applied >= end) return result;
        junk::Update update;
        update.applied_log = batch.last;
        for (const auto& change : batch.changes) apply_change(account, filter, tokenizer, change, update, result);
        result.damaged += filter.apply(update);
    }
}

// wanted_training() as SQL.
std::string wanted_sql() {
    const auto junk = model::Flags(model::Flag::junk).bits(), not_junk = model::Flags(model::Flag::not_junk).bits();
    return fmt::format("CASE flags & {} WHEN {} THEN 1 WHEN {} THEN 2 ELSE 0 END", junk | not_junk, junk, not_junk);
}

void bring_states_in_line(Account& account) {
    Transaction tx(account);
    tx.set_trains(true);
    const std::string wanted = wanted_sql();
    tx.database().run(
        fmt::format("INSERT INTO training_log (message_id, from_state, to_state) SELECT message_id, trained, {0} FROM"
                    " placement WHERE trained <> {0} ORDER BY +message_id",  // not by the index: few rows change
                    wanted));
    tx.database().run(fmt::format("UPDATE placement SET trained = {0} WHERE trained <> {0}", wanted));
    tx.commit();
}

// What one thread needs to count messages.
struct Station {
    Station(const junk::Parameters& parameters, const std::filesystem::path& folder, std::size_t memory_bytes)
        : tokenizer(parameters),
          counter(folder, memory_bytes) {}
    junk::Tokenizer tokenizer;
    junk::WordCounter counter;
    std::string contents;
};

// What became of some messages, beside their words.
struct Tally {
    junk::Counts messages;
    std::vector<junk::Unread> unread;
    std::uint64_t read = 0, bytes = 0;
};

Tally count(const Account& account, const UnopenedBatch& batch, Station& station) {
    Tally tally;
    for (const auto& unopened : batch) {
        read_head(account, unopened, station.contents);
        const junk::WordSet& words = station.tokenizer.read(station.contents);
        for (const Trained state : {Trained::as_junk, Trained::as_ham}) {
            if (!(state == Trained::as_junk ? unopened.message.junk : unopened.message.ham)) continue;
            if (words.empty()) {
                tally.unread.push_back({number(unopened.message.id), static_cast<int>(state)});
                continue;
            }
            station.counter.add(words.keys(), state == Trained::as_junk);
            ++(state == Trained::as_junk ? tally.messages.spam : tally.messages.ham);
        }
        ++tally.read;
        tally.bytes += static_cast<std::uint64_t>(std::max<std::int64_t>(0, unopened.size_bytes));
    }
    return tally;
}

// The counters of all stations, finished side by side.
std::vector<junk::WordCounter*> finish(Pool<Station>& stations, unsigned jobs) {
    std::vector<junk::WordCounter*> counters;
    for (const auto& station : stations.all()) counters.push_back(&station->counter);
    parallel_for(jobs, counters.size(), [&](std::size_t i) { counters[i]->finish(); });
    return counters;
}

}  // namespace

std::string trainable_contents(Account& account, MessageId id) {
    const TrainedMessage message{.id = id};
    std::size_t at = 0;
    std::string contents;
    read_head(account, next_batch(account.database(), std::span(&message, 1), at).batch.front(), contents);
    return contents;
}

Training apply_training(Account& account, junk::FilterDb& filter) {
    return in_context("account " + quote(account.name()), [&] {
        const auto lock = datadir::Lock::try_take(account.layout(), lock_name(account), datadir::LockMode::exclusive);
        if (!lock) return Training{.busy = true};
        return apply_all(account, filter);
    });
}

void for_each_trainable(Account& account, const RetrainOptions& options, junk::Texts texts,
                        const std::function<void(const TrainedMessage&, const junk::WordSet&)>& consume) {
    struct Read {
        TrainedMessage message;
        std::int64_t size_bytes;
        junk::WordSet words;
    };
    Pool<junk::Tokenizer> tokenizers([&] { return std::make_unique<junk::Tokenizer>(options.parameters, texts); });
    const std::function<std::vector<Read>(const UnopenedBatch&)> work = [&](const UnopenedBatch& batch) {
        return tokenizers.with([&](junk::Tokenizer& tokenizer) {
            std::vector<Read> all;
            std::string contents;
            for (const auto& unopened : batch) {
                read_head(account, unopened, contents);
                all.push_back({unopened.message, unopened.size_bytes, tokenizer.read(contents)});
            }
            return all;
        });
    };
    const auto messages = trained_messages(account.database(), "(" + wanted_sql() + ")");
    for_each_batch<std::vector<Read>>(account, messages, options.jobs, work, [&](std::vector<Read>&& all) {
        for (const auto& [message, size_bytes, words] : all) {
            consume(message, words);
            if (options.progress)
                options.progress(1, static_cast<std::uint64_t>(std::max<std::int64_t>(0, size_bytes)));
        }
    });
}

Retrained retrain(Account& account, junk::FilterDb& filter, const RetrainOptions& options) {
    return in_context("account " + quote(account.name()), [&] {
        const auto lock = datadir::Lock::try_take(account.layout(), lock_name(account), datadir::LockMode::exclusive);
        if (!lock) throw Error(Errc::locked, "somebody else is training the junk filter", "try again when it is done");
        bring_states_in_line(account);
        std::vector<TrainedMessage> messages;
        std::int64_t last = 0;
        {
            const db::ReadTransaction unchanged(account.database());
            last = account.database()
                       .value<std::int64_t>("SELECT seq FROM sqlite_sequence WHERE name = 'training_log'")
                       .value_or(0);
            messages = trained_messages(account.database(), "trained");
        }
        Retrained result;
        junk::Update others{.applied_log = last};
        const unsigned jobs = std::max(1U, options.jobs);
        Pool<Station> stations([&] {
            return std::make_unique<Station>(options.parameters, account.layout().tmp(), counting_bytes / jobs);
        });
        const std::function<Tally(const UnopenedBatch&)> work = [&](const UnopenedBatch& batch) {
            return stations.with([&](Station& station) { return count(account, batch, station); });
        };
        for_each_batch<Tally>(account, messages, jobs, work, [&](Tally&& tally) {
            others.messages.ham += tally.messages.ham;
            others.messages.spam += tally.messages.spam;
            others.unread.insert(others.unread.end(), tally.unread.begin(), tally.unread.end());
            if (options.progress) options.progress(tally.read, tally.bytes);
        });
        result.messages = others.messages;
        result.unread = static_cast<std::int64_t>(others.unread.size());
        const auto counters = finish(stations, jobs);
        filter.replace(options.parameters, others, [&](const junk::FilterDb::PutWord& put) {
            junk::WordCounter::merge(counters, [&](junk::WordKey word, const junk::Counts& counts) {
                if (result.words++ % 4096 == 0) check_interrupt();
                put(word, counts);
            });
        });
        (void)apply_all(account, filter);
        return result;
    });
}

}  // namespace mox::store
