#include "model/automatic_junk_flags.hpp"

#include <re2/re2.h>

#include <array>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "mime/charset.hpp"

namespace mox::model {

namespace {

using Effect = AutomaticJunkFlags::Effect;

constexpr Flags both = Flag::junk | Flag::not_junk;
// Junk, neutral, not junk: in the order in which they are tried.
constexpr std::array<Effect, 3> effects{Effect{.clear = both, .set = Flag::junk}, Effect{.clear = both, .set = {}},
                                        Effect{.clear = both, .set = Flag::not_junk}};

std::unique_ptr<RE2> compile(const std::string& expression) {
    if (expression.empty()) return nullptr;
    RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_unique<RE2>(expression, options);
    if (!compiled->ok())
        throw Error(Errc::failed, "automatic junk flags: " + quote(expression) +
                                      " is no regular expression: " + escaped(compiled->error()));
    return compiled;
}

}  // namespace

struct AutomaticJunkFlags::Compiled {
    std::array<std::unique_ptr<RE2>, 3> expressions;  // as in `effects`; null: not configured
};

AutomaticJunkFlags::AutomaticJunkFlags(const JunkFlagRules& rules) {
    if (!rules.enabled) return;
    auto compiled = std::make_shared<Compiled>();
    compiled->expressions = {compile(rules.junk), compile(rules.neutral), compile(rules.not_junk)};
    compiled_ = std::move(compiled);
}

Effect AutomaticJunkFlags::effect(std::string_view mailbox_name, SpecialUse special_use) const {
    if (has(special_use, SpecialUse::junk)) return effects[0];
    if (!compiled_) return {};
    const std::string name = mime::lower_case(mailbox_name);
    std::size_t configured = 0, missing = 0;
    for (std::size_t i = 0; i < effects.size(); ++i) {
        const auto& expression = compiled_->expressions[i];
        if (!expression) {
            missing = i;
            continue;
        }
        ++configured;
        if (RE2::PartialMatch(name, *expression)) return effects[i];
    }
    return configured == 2 ? effects[missing] : Effect{};
}

}  // namespace mox::model
