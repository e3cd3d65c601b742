#include "auth/scram.hpp"

namespace mox::auth {

std::string scram_client_proof(Digest digest, std::string_view salted_password, std::string_view message) {
    std::string key = hmac(digest, salted_password, "Client Key");
    const std::string signature = hmac(digest, hash(digest, key), message);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<char>(key[i] ^ signature[i]);
    return key;
}

std::string scram_server_signature(Digest digest, std::string_view salted_password, std::string_view message) {
    return hmac(digest, hmac(digest, salted_password, "Server Key"), message);
}

}  // namespace mox::auth
