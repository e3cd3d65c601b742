#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace mox::bench {

struct Login {
    std::uint16_t port = 0;
    std::string user, password;
};

// Many clients at once, each with a thread. "%" in the user's name is the client's number, from 0 on. The mailbox,
// which must exist, is filled with messages first; that is not counted. Then each client goes round: connect, LOGIN,
// SELECT, FETCH of all flags, of ten envelopes and of ten messages, STORE, APPEND of a message, STORE of \Deleted,
// EXPUNGE, LOGOUT; its mailbox keeps its size. Returns how many commands were answered within the time, all with OK.
// Connections come from many addresses, since servers count those of each. Throws the first Error of a client.
[[nodiscard]] std::size_t commands_under_load(const Login& login, const std::string& mailbox, std::size_t clients,
                                              double seconds);

}  // namespace mox::bench
