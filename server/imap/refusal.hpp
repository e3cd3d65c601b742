#pragma once

#include <string>
#include <utility>

namespace mox::imap {

// A command that the client has sent wrongly or that cannot be done: "NO" or "BAD", with an optional response code.
struct Refusal {
    enum class Kind { no, bad } kind = Kind::no;
    std::string code;  // "AUTHENTICATIONFAILED"; empty: none
    std::string text;
};
[[nodiscard]] inline Refusal no(std::string text, std::string code = {}) {
    return {.kind = Refusal::Kind::no, .code = std::move(code), .text = std::move(text)};
}
[[nodiscard]] inline Refusal bad(std::string text, std::string code = {}) {
    return {.kind = Refusal::Kind::bad, .code = std::move(code), .text = std::move(text)};
}

}  // namespace mox::imap
