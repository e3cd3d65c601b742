#include "config/junk_flags.hpp"

namespace mox::config {

model::AutomaticJunkFlags junk_flags(const Config& config, std::string_view account) {
    const AutomaticJunkFlags configured = automatic_junk_flags(config, account);
    return model::AutomaticJunkFlags({.enabled = configured.enabled,
                                      .junk = configured.junk_mailbox_regexp,
                                      .neutral = configured.neutral_mailbox_regexp,
                                      .not_junk = configured.not_junk_mailbox_regexp});
}

}  // namespace mox::config
