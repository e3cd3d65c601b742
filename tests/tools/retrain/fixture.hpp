#pragma once

#include <map>

#include "common/store/fixture.hpp"
#include "junk/filter_db.hpp"
#include "store/training.hpp"
#include "support/verify.hpp"

namespace mox::test {

inline std::string mail(std::string_view subject, std::string_view body) {
    return "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: " + std::string(subject) +
           "\r\nContent-Type: text/plain\r\n\r\n" + std::string(body) + "\r\n";
}

// Everything that a filter says, without how far the log is applied.
struct FilterState {
    junk::Counts totals;
    std::map<junk::WordKey, junk::Counts> words;
    std::vector<std::string> unread;
    friend bool operator==(const FilterState&, const FilterState&) = default;
};
inline FilterState state_of(junk::FilterDb& filter) {
    FilterState state{.totals = filter.totals(), .words = {}, .unread = {}};
    filter.for_each_word([&](junk::WordKey word, const junk::Counts& counts) { state.words[word] = counts; });
    for (const auto& [message, as] :
         filter.database().rows<std::int64_t, int>("SELECT message_id, state FROM unread ORDER BY 1, 2"))
        state.unread.push_back(std::to_string(message) + "/" + std::to_string(as));
    return state;
}

// An account that trains, with its filter.
struct TrainingFixture : Fixture {
    TrainingFixture() {
        change([](store::Transaction& tx) { tx.set_trains(true); });
    }
    junk::Parameters parameters{.twograms = true, .tokenizer_version = junk::own_tokenizer};
    junk::FilterDb filter{layout.junk_filter_db("alice"), {.access = db::Access::create}, parameters};

    store::Training apply() { return store::apply_training(account, filter); }
    // What a filter made from nothing would say.
    FilterState fresh() {
        junk::FilterDb other(dir / "fresh.db", {.access = db::Access::create}, parameters);
        (void)store::retrain(account, other, {.parameters = parameters});
        return state_of(other);
    }
    void require_promises() {
        for (const auto& finding : findings_in(layout)) FAIL_CHECK(finding);
    }
};

}  // namespace mox::test
