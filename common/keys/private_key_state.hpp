#pragma once

#include "keys/openssl.hpp"
#include "keys/private_key.hpp"

namespace mox::keys {

struct PrivateKey::State {
    Owned<EVP_PKEY> key;
};

}  // namespace mox::keys
