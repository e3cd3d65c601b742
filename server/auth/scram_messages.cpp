#include "server/auth/scram_messages.hpp"

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"

namespace mox::login {

namespace {

// What stands before the next comma, which is taken too. nullopt: nothing is left, not even an empty part.
class Parts {
public:
    explicit Parts(std::string_view text) : rest_(text) {}
    std::optional<std::string_view> next() {
        if (is_over_) return std::nullopt;
        const auto comma = rest_.find(',');
        const auto part = rest_.substr(0, comma);
        is_over_ = comma == std::string_view::npos;
        rest_.remove_prefix(is_over_ ? rest_.size() : comma + 1);
        return part;
    }
    // The value of the attribute `name`, which has to come now.
    std::optional<std::string_view> value_of(char name) {
        const auto part = next();
        if (!part || part->size() < 2 || (*part)[0] != name || (*part)[1] != '=') return std::nullopt;
        return part->substr(2);
    }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool is_over() const { return is_over_; }

private:
    std::string_view rest_;
    bool is_over_ = false;
};

std::optional<std::string> from_sasl_name(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (text.front() != '=') {
            out += text.front();
            text.remove_prefix(1);
            continue;
        }
        if (text.starts_with("=2C"))
            out += ',';
        else if (text.starts_with("=3D"))
            out += '=';
        else
            return std::nullopt;
        text.remove_prefix(3);
    }
    if (out.empty() || out.find('\0') != std::string::npos || !is_utf8(out)) return std::nullopt;
    return out;
}

// Printable ASCII; a comma cannot be there any more.
bool is_nonce(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// attr-val *("," attr-val): a letter, "=", and at least one character.
bool are_extensions(Parts& parts) {
    while (const auto part = parts.next()) {
        const bool is_letter = !part->empty() && ascii_lower((*part)[0]) >= 'a' && ascii_lower((*part)[0]) <= 'z';
        if (!is_letter || part->size() < 3 || (*part)[1] != '=' || (*part)[0] == 'm') return false;
    }
    return true;
}

bool is_binding_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    });
}

bool read_flag(std::string_view text, ClientFirst& out) {
    if (text == "n" || text == "y") {
        out.flag = text == "n" ? BindingFlag::cannot : BindingFlag::server_without;
        return true;
    }
    out.flag = BindingFlag::bound;
    if (!text.starts_with("p=") || !is_binding_name(text.substr(2))) return false;
    out.binding = text.substr(2);
    return true;
}

}  // namespace

std::variant<ClientFirst, std::string> parse_client_first(std::string_view message) {
    ClientFirst out;
    Parts parts(message);
    const auto flag = parts.next();
    if (!flag || !read_flag(*flag, out)) return "no flag of channel binding";
    const auto authorization = parts.next();
    if (!authorization || parts.is_over()) return "an incomplete header";
    if (!authorization->empty()) {
        const auto name =
            authorization->starts_with("a=") ? from_sasl_name(authorization->substr(2)) : std::optional<std::string>();
        if (!name) return "a malformed authorization identity";
        out.authorization = *name;
    }
    out.bare = parts.rest();
    out.gs2_header = message.substr(0, message.size() - out.bare.size());
    if (out.bare.starts_with("m=")) return "a mandatory extension, none of which is known";
    const auto user = parts.value_of('n');
    const auto name = user ? from_sasl_name(*user) : std::nullopt;
    if (!name) return "no user name, or a malformed one";
    out.user = *name;
    const auto nonce = parts.value_of('r');
    if (!nonce || !is_nonce(*nonce)) return "no nonce, or a malformed one";
    if (nonce->size() < min_nonce_characters) return "a nonce that is too short";
    out.nonce = *nonce;
    if (!are_extensions(parts)) return "malformed extensions";
    return out;
}

std::variant<ClientFinal, std::string> parse_client_final(std::string_view message) {
    const auto last = message.rfind(",p=");
    if (last == std::string_view::npos) return "no proof";
    const auto proof = from_base64(message.substr(last + 3));
    if (!proof) return "a malformed proof";
    ClientFinal out{.channel = {}, .nonce = {}, .proof = *proof, .without_proof = std::string(message.substr(0, last))};
    Parts parts(out.without_proof);
    const auto channel = parts.value_of('c');
    const auto decoded = channel ? from_base64(*channel) : std::nullopt;
    if (!decoded) return "no channel binding, or a malformed one";
    out.channel = *decoded;
    const auto nonce = parts.value_of('r');
    if (!nonce || !is_nonce(*nonce)) return "no nonce, or a malformed one";
    out.nonce = *nonce;
    if (!are_extensions(parts)) return "malformed extensions";
    return out;
}

std::string to_sasl_name(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == ',')
            out += "=2C";
        else if (c == '=')
            out += "=3D";
        else
            out += c;
    }
    return out;
}

}  // namespace mox::login
