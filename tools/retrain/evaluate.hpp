#pragma once

#include "cli/reporter.hpp"
#include "junk/classifier.hpp"
#include "store/training.hpp"
#include "tools/retrain/retrain.hpp"

namespace mox::retrain {

// What an account's filter is made and asked with.
struct Settings {
    junk::Parameters parameters;
    junk::Scoring scoring;
    double threshold = 0.95;
};

// What a run has done.
struct Totals {
    std::int64_t accounts = 0, junk = 0, ham = 0, words = 0;
    std::int64_t unread = 0;  // messages in which nothing could be read
};

// Cross-validation on the account's own mail. Changes nothing.
Totals evaluate(store::Account& account, const Settings& settings, const Options& options, cli::Reporter& out);

// What the filter says of one message, and the words that decided.
Totals explain(store::Account& account, const Settings& settings, const Options& options, cli::Reporter& out);

}  // namespace mox::retrain
