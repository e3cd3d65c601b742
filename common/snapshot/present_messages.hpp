#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/account.hpp"
#include "store/types.hpp"

namespace mox::snapshot {

// Which messages a mailbox had when it was asked, by their contents. 16 bytes of memory for each. Internal to this
// folder.
class PresentMessages {
public:
    PresentMessages(store::Account& account, std::string_view mailbox);

    // True when the mailbox has one of the same prefix, size and SHA-256.
    [[nodiscard]] bool has(const store::Message& message);

private:
    struct Known {
        std::uint64_t hash;
        store::MessageId id;
    };
    store::Account& account_;
    std::vector<Known> known_;  // by hash
};

}  // namespace mox::snapshot
