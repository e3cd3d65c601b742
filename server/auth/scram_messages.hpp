#pragma once

#include <string>
#include <string_view>
#include <variant>

// The two messages of a SCRAM client (RFC 5802 section 7).

namespace mox::login {

inline constexpr std::size_t min_nonce_characters = 8;

enum class BindingFlag {
    cannot,          // "n": the client does not support channel binding
    server_without,  // "y": the client does, and believes that the server does not
    bound,           // "p=": required
};

struct ClientFirst {
    BindingFlag flag = BindingFlag::cannot;
    std::string binding;        // name of the kind of binding, only with `bound`: "tls-exporter"
    std::string authorization;  // authzid; may be empty
    std::string gs2_header;     // up to and with the second comma, as sent
    std::string bare;           // client-first-message-bare, as sent
    std::string user;
    std::string nonce;
};

struct ClientFinal {
    std::string channel;  // decoded value of c=
    std::string nonce;
    std::string proof;          // decoded value of p=
    std::string without_proof;  // as sent
};

// Or why it is none, for a log.
[[nodiscard]] std::variant<ClientFirst, std::string> parse_client_first(std::string_view message);
[[nodiscard]] std::variant<ClientFinal, std::string> parse_client_final(std::string_view message);

// A name as in n= and a=, with "," and "=" written as "=2C" and "=3D".
[[nodiscard]] std::string to_sasl_name(std::string_view name);

}  // namespace mox::login
