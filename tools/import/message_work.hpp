#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "intake/message.hpp"
#include "junk/filter_db.hpp"
#include "junk/word_key.hpp"
#include "model/automatic_junk_flags.hpp"
#include "store/changes.hpp"
#include "store/message_file.hpp"

// What workers do with each message.

namespace mox::importing {

// A message on its way in.
struct Input {
    intake::RawMessage raw;
    std::size_t folder = 0;
    store::MessageId id{};
    std::filesystem::path file;  // empty: nothing is written
};

// What is known of it once it is written.
struct Output {
    store::MessageId id{};
    std::size_t folder = 0;
    std::int64_t order = 0;
    intake::Metadata metadata;
    store::WrittenFile file;
    std::string structure;
    std::optional<std::vector<junk::WordKey>> words;  // of messages that will be trained
};

// How a mailbox changes junk flags.
struct JunkRules {
    model::AutomaticJunkFlags::Effect effect;
    store::Mailbox mailbox;  // only its special use is set

    [[nodiscard]] store::Trained training(model::Flags flags) const {
        return store::wanted_training(store::with_junk_flags(mailbox, effect.apply(flags)));
    }
};

// What workers need to know; it does not change while they run.
struct Work {
    Ownership ownership;
    std::uint64_t max_message_bytes = 0;
    std::optional<junk::Parameters> training;  // nullopt: nothing is trained
    std::vector<JunkRules> folders;
};

// Converts, hashes and parses a message, writes its file if it has one, and takes its words if it may be trained. On
// any thread.
[[nodiscard]] Output process(Input&& input, const Work& work);

}  // namespace mox::importing
