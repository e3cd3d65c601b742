#pragma once

#include <memory>
#include <string>
#include <string_view>

struct bio_st;
struct evp_pkey_st;
struct x509_st;

// What the sources of this folder share of OpenSSL; for others only with keys/pem.hpp.

namespace mox::keys {

struct Free {
    void operator()(bio_st* bio) const;
    void operator()(evp_pkey_st* key) const;
    void operator()(x509_st* certificate) const;
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// For reading; `text` must outlive it.
[[nodiscard]] Owned<bio_st> bio_of(std::string_view text);
[[nodiscard]] Owned<bio_st> memory_bio();
[[nodiscard]] std::string contents_of(bio_st* bio);
// The SubjectPublicKeyInfo in DER.
[[nodiscard]] std::string public_key_der(evp_pkey_st* key);

}  // namespace mox::keys
