#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "db/schema.hpp"
#include "junk/word_key.hpp"

namespace mox::junk {

// accounts/<name>/junkfilter.db: application id "moxJ". docs/databases.md explains its tables.
[[nodiscard]] const db::Schema& filter_schema();

// What decides which words a message has. Stored with the counts, which mean nothing without it; thresholds and the
// like are configuration.
struct Parameters {
    bool onegrams = true, twograms = false, threegrams = false;
    int tokenizer_version = 1;
    int bloom_width = 25;   // the bloom filter has 2^bloom_width bits; 10 to 32
    int bloom_hashes = 10;  // bits set for each word; bloom_width * bloom_hashes is at most 256
    friend bool operator==(const Parameters&, const Parameters&) = default;
};

struct Counts {
    std::int64_t ham = 0, spam = 0;
    friend bool operator==(const Counts&, const Counts&) = default;
};

// A message that is trained without counts. `state` as placement.trained: 1 as junk, 2 as ham.
struct Unread {
    std::int64_t message_id = 0;
    int state = 0;
    friend auto operator<=>(const Unread&, const Unread&) = default;
};

// A change of the filter: everything in it happens or nothing.
struct Update {
    Counts messages;                        // added to the totals; may be negative
    std::map<WordKey, Counts> words;        // added to each word's counts; may be negative
    std::vector<std::uint32_t> bloom_bits;  // set from now on; any order, repetitions allowed
    std::vector<Unread> unread, no_longer_unread;
    std::optional<std::int64_t> applied_log;  // the last row of the account's training log in this change
};

// Those of the filter at `path`, of any version that this program knows. Errors as FilterDb.
[[nodiscard]] Parameters parameters_of(const std::filesystem::path& path);

// How often words were in ham and in spam. Not thread-safe: one thread at a time; several processes may have it open.
class FilterDb {
public:
    // With Access::create a new filter gets `parameters`; an existing one keeps its own. Errc::usage for parameters
    // that are not possible. A filter of an older version is brought up to date, or refused (Errc::failed) when it may
    // not be written to.
    FilterDb(const std::filesystem::path& path, const db::OpenOptions& options, const Parameters& parameters = {});

    [[nodiscard]] Parameters parameters();
    // Messages trained.
    [[nodiscard]] Counts totals();
    [[nodiscard]] std::int64_t word_count();
    // Id of the last row of the account's training log that is part of the counts; 0 before the first.
    [[nodiscard]] std::int64_t applied_log();
    [[nodiscard]] Counts look_up(WordKey word);
    [[nodiscard]] Counts look_up(std::string_view word) { return look_up(word_key(word)); }
    // Every word in the order of stored(), in memory one at a time.
    template <class Visit>
    void for_each_word(Visit&& visit) {
        for (const auto& [key, ham, spam] :
             database_.rows<std::int64_t, std::int64_t, std::int64_t>("SELECT key, ham, spam FROM words ORDER BY key"))
            visit(WordKey{static_cast<std::uint64_t>(key)}, Counts{.ham = ham, .spam = spam});
    }
    // Which of these bits of the bloom filter are set, in the order given.
    [[nodiscard]] std::vector<bool> bloom_bits(std::span<const std::uint32_t> bits);

    // Applies a change, durably. A count never falls below 0: what would (counts made by other versions, or training
    // undone twice) becomes 0, and the number of such counts is returned. Words without any count left are removed.
    // Errc::usage for a bit outside of the bloom filter; nothing is changed then.
    int apply(const Update& update);
    // Empties the filter, takes new parameters and applies `update`, as one change: readers see the old filter or the
    // new one. applied_log stays unless `update` sets it.
    void replace(const Parameters& parameters, const Update& update);
    // The same for more words than fit into memory: `give_words` is called once and passes each of them on, in
    // the order of stored().
    using PutWord = std::function<void(WordKey word, const Counts& counts)>;
    void replace(const Parameters& parameters, const Update& others,
                 const std::function<void(const PutWord& put)>& give_words);
    [[nodiscard]] bool is_unread(const Unread& message);

    [[nodiscard]] db::Database& database() { return database_; }

private:
    int apply_inside(const Update& update);
    int apply_words(const Update& update);
    void change_unread(const Update& update);
    void set_bloom_bits(const std::vector<std::uint32_t>& bits);

    db::Database database_;
};

}  // namespace mox::junk
