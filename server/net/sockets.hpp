#pragma once

#include <sys/types.h>

#include <optional>

namespace mox::net {

// For connections of clients: small writes go out at once, and a peer that vanished is noticed within minutes.
void prepare_client_socket(int fd);

// Says that no more will be sent. Errors are of no interest.
void finish_sending(int fd);

// Who is at the other end of a socket of this host; nullopt when the system cannot tell.
[[nodiscard]] std::optional<uid_t> peer_user(int fd);

}  // namespace mox::net
