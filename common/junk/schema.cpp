#include <array>

#include "junk/filter_db.hpp"

namespace mox::junk {

namespace {

// Booleans are 0 and 1. A seal covers every other column of its row.
constexpr std::string_view step_1 = R"sql(
-- Parameters and totals; one row.
CREATE TABLE filter (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    onegrams INTEGER NOT NULL,                -- words are sequences of 1, 2, 3 tokens
    twograms INTEGER NOT NULL,
    threegrams INTEGER NOT NULL,
    tokenizer_version INTEGER NOT NULL,       -- 0: new, parameters not chosen yet
    bloom_width INTEGER NOT NULL,             -- the bloom filter has 2^bloom_width bits
    bloom_hashes INTEGER NOT NULL,            -- bits for each word
    ham_messages INTEGER NOT NULL,            -- trained
    spam_messages INTEGER NOT NULL,
    applied_log INTEGER NOT NULL,             -- training_log.id of the account database up to which counts are in here
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('filter', id, onegrams, twograms, threegrams, tokenizer_version,
        bloom_width, bloom_hashes, ham_messages, spam_messages, applied_log)) STORED
) STRICT;
INSERT INTO filter (id, onegrams, twograms, threegrams, tokenizer_version, bloom_width, bloom_hashes, ham_messages,
    spam_messages, applied_log) VALUES (1, 1, 0, 0, 0, 25, 10, 0, 0, 0);

CREATE TABLE word (
    word TEXT PRIMARY KEY,
    ham INTEGER NOT NULL,                     -- trained messages with it
    spam INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('word', word, ham, spam)) STORED
) STRICT, WITHOUT ROWID;

-- Messages that are trained in the account but have no part in the counts, because nothing in them could be read.
CREATE TABLE unread (
    message_id INTEGER NOT NULL,
    state INTEGER NOT NULL,                   -- as placement.trained of the account database
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('unread', message_id, state)) STORED,
    PRIMARY KEY (message_id, state)
) STRICT, WITHOUT ROWID;

-- The bloom filter in pieces of 1024 bytes: bit n is 0x80 >> (n & 7) of byte n >> 3. Missing pieces are zero.
CREATE TABLE bloom (
    piece INTEGER PRIMARY KEY,                -- byte n is in piece n / 1024
    bits BLOB NOT NULL CHECK (length(bits) = 1024),
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('bloom', piece, bits)) STORED
) STRICT;
)sql";

// Words by their keys instead of their texts.
constexpr std::string_view step_2 = R"sql(
CREATE TABLE words (
    key INTEGER PRIMARY KEY,                  -- junk/word_key.hpp
    ham INTEGER NOT NULL,                     -- trained messages with it
    spam INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('words', key, ham, spam)) STORED
) STRICT;
INSERT INTO words (key, ham, spam) SELECT mox_word_key(word) AS k, sum(ham), sum(spam) FROM word GROUP BY k;
DROP TABLE word;
)sql";

std::int64_t stored_key(std::string_view word) noexcept {
    return stored(word_key(word));
}

constexpr std::array<std::string_view, 2> steps{step_1, step_2};
constexpr std::array<db::TextFunction, 1> functions{{{"mox_word_key", stored_key}}};

constexpr db::Schema schema{
    .application_id = 0x6d6f784a, .kind = "junk filter", .steps = steps, .functions = functions};  // "moxJ"

}  // namespace

const db::Schema& filter_schema() {
    return schema;
}

}  // namespace mox::junk
