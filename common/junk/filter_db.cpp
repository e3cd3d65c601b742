#include "junk/filter_db.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "db/row_batch.hpp"

namespace mox::junk {

namespace {

constexpr std::size_t piece_bytes = 1024;
constexpr std::size_t piece_bits = piece_bytes * 8;

void require_valid(const Parameters& parameters) {
    const int width = parameters.bloom_width;
    if (parameters.tokenizer_version < 1) throw Error(Errc::usage, "junk filter: no tokenizer version");
    if (width < 10 || width > 32 || parameters.bloom_hashes < 1 || parameters.bloom_hashes * width > 256)
        throw Error(Errc::usage, fmt::format("junk filter: a bloom filter of 2^{} bits with {} hashes is not possible",
                                             width, parameters.bloom_hashes));
}

void set_parameters(db::Database& database, const Parameters& parameters) {
    database.run(
        "UPDATE filter SET onegrams = ?, twograms = ?, threegrams = ?, tokenizer_version = ?, bloom_width = ?,"
        " bloom_hashes = ?",
        parameters.onegrams, parameters.twograms, parameters.threegrams, parameters.tokenizer_version,
        parameters.bloom_width, parameters.bloom_hashes);
}

unsigned char mask_of(std::uint32_t bit) {
    return static_cast<unsigned char>(0x80U >> (bit & 7U));
}

std::size_t byte_in_piece(std::uint32_t bit) {
    return bit % piece_bits / 8;
}

bool is_new(db::Database& database) {
    return database.value<int>("SELECT tokenizer_version FROM filter") == 0;
}

// `count + change`, at least 0; counts in `clamped` when that was necessary.
std::int64_t changed(std::int64_t count, std::int64_t change, int& clamped) {
    if (count + change >= 0) return count + change;
    ++clamped;
    return 0;
}

bool may_write(db::Access access) {
    return access == db::Access::read_write || access == db::Access::create;
}

Parameters parameters_in(db::Database& database) {
    const auto row = database.row<bool, bool, bool, int, int, int>(
        "SELECT onegrams, twograms, threegrams, tokenizer_version, bloom_width, bloom_hashes FROM filter");
    if (!row) return {};
    const auto& [onegrams, twograms, threegrams, version, width, hashes] = *row;
    return {.onegrams = onegrams,
            .twograms = twograms,
            .threegrams = threegrams,
            .tokenizer_version = version,
            .bloom_width = width,
            .bloom_hashes = hashes};
}

}  // namespace

Parameters parameters_of(const std::filesystem::path& path) {
    auto database = db::open(path, filter_schema(), {.access = db::Access::read_only}, db::OlderVersion::accept);
    return parameters_in(database);
}

FilterDb::FilterDb(const std::filesystem::path& path, const db::OpenOptions& options, const Parameters& parameters)
    : database_(db::open(path, filter_schema(), options,
                         may_write(options.access) ? db::OlderVersion::migrate : db::OlderVersion::refuse)) {
    if (options.access != db::Access::create) return;
    require_valid(parameters);
    if (is_new(database_)) {
        db::Transaction tx(database_);
        if (is_new(database_)) set_parameters(database_, parameters);  // nobody was faster
        tx.commit();
    }
}

Parameters FilterDb::parameters() {
    return parameters_in(database_);
}

Counts FilterDb::totals() {
    const auto row = database_.row<std::int64_t, std::int64_t>("SELECT ham_messages, spam_messages FROM filter");
    return row ? Counts{.ham = std::get<0>(*row), .spam = std::get<1>(*row)} : Counts{};
}

std::int64_t FilterDb::word_count() {
    return database_.value<std::int64_t>("SELECT count(*) FROM words").value_or(0);
}

std::int64_t FilterDb::applied_log() {
    return database_.value<std::int64_t>("SELECT applied_log FROM filter").value_or(0);
}

Counts FilterDb::look_up(WordKey word) {
    const auto row =
        database_.row<std::int64_t, std::int64_t>("SELECT ham, spam FROM words WHERE key = ?", stored(word));
    return row ? Counts{.ham = std::get<0>(*row), .spam = std::get<1>(*row)} : Counts{};
}

std::vector<bool> FilterDb::bloom_bits(std::span<const std::uint32_t> bits) {
    std::vector<bool> result;
    result.reserve(bits.size());
    db::Statement row = database_.prepare("SELECT bits FROM bloom WHERE piece = ?");
    for (const std::uint32_t bit : bits) {
        row.bind(bit / piece_bits);
        const std::string_view bytes = row.step() ? row.column<std::string_view>(0) : std::string_view();
        const std::size_t at = byte_in_piece(bit);
        result.push_back(at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & mask_of(bit)) != 0);
    }
    return result;
}

int FilterDb::apply(const Update& update) {
    db::Transaction tx(database_);
    const int clamped = apply_inside(update);
    tx.commit();
    return clamped;
}

void FilterDb::replace(const Parameters& parameters, const Update& update) {
    replace(parameters, update, [](const PutWord&) {});
}

void FilterDb::replace(const Parameters& parameters, const Update& others,
                       const std::function<void(const PutWord& put)>& give_words) {
    require_valid(parameters);
    db::Transaction tx(database_);
    database_.exec(
        "DELETE FROM words; DELETE FROM bloom; DELETE FROM unread;"
        " UPDATE filter SET ham_messages = 0, spam_messages = 0");
    set_parameters(database_, parameters);
    {
        db::RowBatch<std::tuple<std::int64_t, std::int64_t, std::int64_t>> rows(
            database_, "INSERT INTO words (key, ham, spam) VALUES ");
        give_words([&](WordKey word, const Counts& counts) {
            if (rows.is_full()) rows.insert();
            rows.add({stored(word), counts.ham, counts.spam});
        });
        rows.insert();
    }
    (void)apply_inside(others);
    tx.commit();
}

bool FilterDb::is_unread(const Unread& message) {
    return database_
        .value<int>("SELECT 1 FROM unread WHERE message_id = ? AND state = ?", message.message_id, message.state)
        .has_value();
}

void FilterDb::change_unread(const Update& update) {
    for (const auto& [message, state] : update.no_longer_unread)
        database_.run("DELETE FROM unread WHERE message_id = ? AND state = ?", message, state);
    for (const auto& [message, state] : update.unread)
        database_.run("INSERT OR IGNORE INTO unread (message_id, state) VALUES (?, ?)", message, state);
}

int FilterDb::apply_inside(const Update& update) {
    const std::uint64_t bloom_size = std::uint64_t{1} << std::clamp(parameters().bloom_width, 0, 32);
    for (const std::uint32_t bit : update.bloom_bits)
        if (bit >= bloom_size)
            throw Error(Errc::usage, fmt::format("junk filter: bit {} is outside of the bloom filter", bit));
    int clamped = apply_words(update);
    set_bloom_bits(update.bloom_bits);
    change_unread(update);
    const Counts before = totals();
    const std::int64_t ham = changed(before.ham, update.messages.ham, clamped);
    const std::int64_t spam = changed(before.spam, update.messages.spam, clamped);
    database_.run("UPDATE filter SET ham_messages = ?, spam_messages = ?, applied_log = ?", ham, spam,
                  update.applied_log.value_or(applied_log()));
    return clamped;
}

int FilterDb::apply_words(const Update& update) {
    int clamped = 0;
    db::Statement put = database_.prepare(
        "INSERT INTO words (key, ham, spam) VALUES (?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET ham = excluded.ham, spam = excluded.spam");
    db::Statement drop = database_.prepare("DELETE FROM words WHERE key = ?");
    for (const auto& [word, change] : update.words) {
        const Counts before = look_up(word);
        const Counts after{.ham = changed(before.ham, change.ham, clamped),
                           .spam = changed(before.spam, change.spam, clamped)};
        if (after == before) continue;
        if (after == Counts{})
            drop.run(stored(word));
        else
            put.run(stored(word), after.ham, after.spam);
    }
    return clamped;
}

void FilterDb::set_bloom_bits(const std::vector<std::uint32_t>& bits) {
    std::vector<std::uint32_t> sorted = bits;
    std::sort(sorted.begin(), sorted.end());
    db::Statement put = database_.prepare(
        "INSERT INTO bloom (piece, bits) VALUES (?, ?) ON CONFLICT (piece) DO UPDATE SET bits = excluded.bits");
    for (auto it = sorted.begin(); it != sorted.end();) {
        const auto piece = static_cast<std::int64_t>(*it / piece_bits);
        std::string before =
            database_.value<std::string>("SELECT bits FROM bloom WHERE piece = ?", piece).value_or(std::string());
        before.resize(piece_bytes, '\0');
        std::string after = before;
        for (; it != sorted.end() && static_cast<std::int64_t>(*it / piece_bits) == piece; ++it) {
            char& byte = after[byte_in_piece(*it)];
            byte = static_cast<char>(static_cast<unsigned char>(byte) | mask_of(*it));
        }
        if (after != before) put.run(piece, db::Blob(after));
    }
}

}  // namespace mox::junk
