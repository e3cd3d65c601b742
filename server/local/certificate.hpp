#pragma once

#include <string>
#include <vector>

namespace mox::local {

struct KeyAndCertificate {
    std::string key_pem, certificate_pem;
};

// A P-256 key and a certificate for it, signed by itself, for these host names and IP addresses, valid for four years
// from yesterday. Throws Error{failed} when OpenSSL does.
[[nodiscard]] KeyAndCertificate self_signed_certificate(const std::vector<std::string>& hosts,
                                                        const std::vector<std::string>& addresses);

}  // namespace mox::local
