#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "model/flags.hpp"

namespace mox::outlet {

// One message of a mailbox, as far as it is not contents.
struct Message {
    std::int64_t id = 0;    // of the account
    std::uint32_t uid = 0;  // ascending within the mailbox
    model::Flags flags;
    model::Keywords keywords;  // lower case, sorted
    Timestamp received;
    std::string sender;  // address for the "From " line of an mbox; "" or what cannot stand there: MAILER-DAEMON
};

}  // namespace mox::outlet
