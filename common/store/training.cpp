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
#include "datadir/lock.hpp"
#include "junk/word_counter.hpp"
#include "store/message.hpp"
#include "store/message_file.hpp"

namespace mox::store {

namespace {

constexpr int most_rows = 500;  // of the log in one change of the filter
constexpr std::size_t bytes_under_way = 32U << 20U;

std::string lock_name(const Account& account) {
    return "train-" + account.name();
}

junk::Counts one(Trained state) {
    return state == Trained::as_junk ? junk::Counts{.ham = 0, .spam = 1} : junk::Counts{.ham = 1, .spam = 0};
}

std::string head_of(const std::filesystem::path& file, const Message& message) {
    std::string contents;
    try {
        read_contents(file, message, [&](std::span<const std::byte> bytes) {
            contents += as_text(bytes).substr(0, junk::max_message_bytes - contents.size());
        });
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt && error.code() != Errc::not_found) throw;
        contents.clear();
    }
    return contents;
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
    for (std::size_t i = 0; i < words.size(); ++i) {
        junk::Counts& counts = update.words[std::string(words[i].text)];
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

// With the lock held.
Training apply_all(Account& account, junk::FilterDb& filter) {
    Training result;
    junk::Tokenizer tokenizer(filter.parameters());
    for (;;) {
        check_interrupt();
        const std::int64_t applied = filter.applied_log();
        forget_log(account, applied);
        const Batch batch = next_batch(account.database(), applied);
        if (batch.last == applied) return result;
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
                    " placement WHERE trained <> {0} ORDER BY message_id",
                    wanted));
    tx.database().run(fmt::format("UPDATE placement SET trained = {0} WHERE trained <> {0}", wanted));
    tx.commit();
}

struct Raw {
    TrainedMessage message;
    Message row;
};
struct Read {
    TrainedMessage message;
    std::int64_t size_bytes = 0;
    junk::WordSet words;
};

// Reads and tokenises on several threads.
void read_all(Account& account, const std::vector<TrainedMessage>& messages, const RetrainOptions& options,
              const std::function<void(const TrainedMessage&, const junk::WordSet&)>& consume) {
    const auto work = [&account, &options](Raw&& raw) {
        // One for each thread and run would need a home of its own; making one is cheap.
        junk::Tokenizer tokenizer(options.parameters);
        return Read{.message = raw.message,
                    .size_bytes = raw.row.size_bytes,
                    .words = tokenizer.read(head_of(account.message_file(raw.message.id), raw.row))};
    };
    OrderedPipeline<Raw, Read> pipeline(options.jobs, bytes_under_way, work, [&](Read&& read) {
        consume(read.message, read.words);
        if (options.progress) options.progress(1, static_cast<std::uint64_t>(read.size_bytes));
    });
    for (const auto& message : messages) {
        check_interrupt();
        auto row = find_message(account.database(), message.id);
        if (!row) {  // reads as damaged
            row.emplace();
            row->size_bytes = -1;
        }
        row->structure.reset();
        const auto weight =
            static_cast<std::size_t>(std::clamp<std::int64_t>(row->size_bytes, 0, junk::max_message_bytes));
        pipeline.submit({.message = message, .row = std::move(*row)}, 2 * weight + 65'536);
    }
    pipeline.finish();
}

// `state` is the column or expression that says how a placement is trained.
std::vector<TrainedMessage> trained_messages(db::Database& database, const std::string& state) {
    std::vector<TrainedMessage> messages;
    for (const auto& [id, junk, ham] : database.rows<MessageId, bool, bool>(fmt::format(
             "SELECT message_id, max({0} = 1), max({0} = 2) FROM placement WHERE {0} <> 0 GROUP BY message_id", state)))
        messages.push_back({id, junk, ham});
    return messages;
}

}  // namespace

std::string trainable_contents(Account& account, MessageId id) {
    const auto message = find_message(account.database(), id);
    return message ? head_of(account.message_file(id), *message) : std::string();
}

Training apply_training(Account& account, junk::FilterDb& filter) {
    return in_context("account " + quote(account.name()), [&] {
        const auto lock = datadir::Lock::try_take(account.layout(), lock_name(account), datadir::LockMode::exclusive);
        if (!lock) return Training{.busy = true};
        return apply_all(account, filter);
    });
}

void for_each_trainable(Account& account, const RetrainOptions& options,
                        const std::function<void(const TrainedMessage&, const junk::WordSet&)>& consume) {
    read_all(account, trained_messages(account.database(), "(" + wanted_sql() + ")"), options, consume);
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
        junk::WordCounter counter(account.layout().tmp());
        read_all(account, messages, options, [&](const TrainedMessage& message, const junk::WordSet& words) {
            for (const Trained state : {Trained::as_junk, Trained::as_ham}) {
                if (!(state == Trained::as_junk ? message.junk : message.ham)) continue;
                if (words.empty()) {
                    others.unread.push_back({number(message.id), static_cast<int>(state)});
                    continue;
                }
                counter.add(words, state == Trained::as_junk);
                ++(state == Trained::as_junk ? others.messages.spam : others.messages.ham);
            }
        });
        result.messages = others.messages;
        result.unread = static_cast<std::int64_t>(others.unread.size());
        filter.replace(options.parameters, others, [&](const junk::FilterDb::PutWord& put) {
            counter.finish([&](std::string_view word, const junk::Counts& counts) {
                if (result.words++ % 4096 == 0) check_interrupt();
                put(word, counts);
            });
        });
        (void)apply_all(account, filter);
        return result;
    });
}

}  // namespace mox::store
