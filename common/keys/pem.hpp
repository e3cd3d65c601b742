#pragma once

#include <string_view>
#include <vector>

#include "keys/openssl.hpp"

// PEM texts as objects of OpenSSL, for this folder and for those who hand them on to OpenSSL.

namespace mox::keys {

// As PrivateKey::parse().
[[nodiscard]] Owned<evp_pkey_st> read_private_key(std::string_view pem);
// As parse_certificates(): at least one.
[[nodiscard]] std::vector<Owned<x509_st>> read_certificates(std::string_view pem);

}  // namespace mox::keys
