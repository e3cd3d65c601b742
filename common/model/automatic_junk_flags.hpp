#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/flags.hpp"
#include "model/special_use.hpp"

namespace mox::model {

// As configured for an account (docs/configuration.md, AutomaticJunkFlags). An empty expression counts as not
// configured. Expressions have the syntax of RE2, are looked for anywhere in the mailbox's name in lower case.
struct JunkFlagRules {
    bool enabled = false;
    std::string junk, neutral, not_junk;
};

// Which junk flags a message gets by being put into a mailbox, whether delivered, appended, imported, copied or moved.
// Compiled once, used for many mailboxes; any number of threads.
class AutomaticJunkFlags {
public:
    AutomaticJunkFlags() = default;  // disabled
    // Throws Error{failed} naming an expression that cannot be compiled.
    explicit AutomaticJunkFlags(const JunkFlagRules& rules);

    // What flags become: those of `clear` go, those of `set` come. Other flags are never touched.
    struct Effect {
        Flags clear, set;
        [[nodiscard]] Flags apply(Flags flags) const { return flags.without(clear).with(set); }
        friend bool operator==(const Effect&, const Effect&) = default;
    };
    // A mailbox with special use Junk marks as junk, also when the rules are disabled. Otherwise the first of junk,
    // neutral, not junk whose expression matches decides; when none does and exactly two are configured, it is the
    // third; else nothing changes.
    [[nodiscard]] Effect effect(std::string_view mailbox_name, SpecialUse special_use) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;  // null: disabled
};

}  // namespace mox::model
