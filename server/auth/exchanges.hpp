#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "auth/digest.hpp"
#include "server/auth/sasl.hpp"

// The exchanges behind make_exchange(), and what they share.

namespace mox::login {

[[nodiscard]] std::unique_ptr<Exchange> make_plain(Environment& environment);
[[nodiscard]] std::unique_ptr<Exchange> make_login(Environment& environment);
[[nodiscard]] std::unique_ptr<Exchange> make_cram_md5(Environment& environment);
// `channel` outlives nothing: it is copied.
enum class Binding { without, with };
[[nodiscard]] std::unique_ptr<Exchange> make_scram(auth::Digest digest, Binding binding, const Channel& channel,
                                                   Environment& environment);

// What a log says about a user that cannot have given the right password.
[[nodiscard]] std::string why_not(const Lookup& found, Mechanism mechanism, bool has_credential);
// After the right password: the identity, unless the account may not log in.
[[nodiscard]] Step let_in(const Lookup& found);
// Whether `authorization`, empty or an address, is the same user as the one with the canonical address `own`.
[[nodiscard]] bool is_same_user(std::string_view authorization, const std::string& own, Users& users);

}  // namespace mox::login
