#pragma once

#include <string>
#include <string_view>

#include "auth/digest.hpp"

// The formulas of RFC 5802 section 3. `salted_password` is pbkdf2(digest, password, salt, iterations); `message` is
// AuthMessage: the two first messages and the client's last one without its proof, with commas between them.

namespace mox::auth {

// What the client shows that it knows the password.
[[nodiscard]] std::string scram_client_proof(Digest digest, std::string_view salted_password, std::string_view message);
// What the server shows.
[[nodiscard]] std::string scram_server_signature(Digest digest, std::string_view salted_password,
                                                 std::string_view message);

}  // namespace mox::auth
