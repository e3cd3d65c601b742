#pragma once

#include "base/clock.hpp"
#include "config/load.hpp"

// What the two files must say beyond their grammar: values that are possible, names that exist, parts that fit
// together.

namespace mox::config {

struct ValidateOptions {
    // Whether certificates, keys and other files that are named must be there, readable, and what they should be.
    bool check_files = true;
    const Clock* clock = nullptr;  // the system's when null: for certificates that have expired
};

// Adds to `config.problems` everything that is wrong, not only the first, each with its line; and warnings of what is
// legal but probably not meant. Adds nothing when the grammar found an error in either file: each refers to names in
// the other.
void validate(Config& config, const ValidateOptions& options = {});

}  // namespace mox::config
