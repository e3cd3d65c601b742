#pragma once

#include "config/load.hpp"

// What the two files must say beyond their grammar: values that are possible, names that exist, parts that fit
// together.

namespace mox::config {

struct ValidateOptions {
    // Whether certificates, keys and other files that are named must be there and readable.
    bool check_files = true;
};

// Adds to `config.problems` everything that is wrong, not only the first, each with its line; and warnings of what is
// legal but probably not meant. Adds nothing when the grammar found an error in either file: each refers to names in
// the other.
void validate(Config& config, const ValidateOptions& options = {});

}  // namespace mox::config
