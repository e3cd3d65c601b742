// SASL exchanges of every mechanism. The first byte chooses mechanism and channel, the rest are the client's messages,
// each ended by a line feed; in them \x01 stands for the server's nonce, \x02 for the right proof of SCRAM and \x03 for
// the right digest of CRAM-MD5. Properties: no step fails in another way than by its result; nobody is let in but the
// one user, and not without his password or a right answer; a reason for the log never has the password.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/cram_md5.hpp"
#include "auth/scram.hpp"
#include "base/encoding.hpp"
#include "server/auth/sasl.hpp"

using namespace mox;
using namespace mox::login;

namespace {

constexpr std::string_view user = "u@x.example", password = "pass word";

class OneUser final : public Users {
public:
    Lookup find(std::string_view address) override {
        const std::string canonical = ascii_lower(address);
        if (canonical != user) return {.address = canonical, .account = {}, .login_disabled = {}, .credentials = {}};
        return {.address = canonical, .account = "u", .login_disabled = {}, .credentials = credentials_};
    }

private:
    static auth::Credentials made() {
        auth::Credentials out{.bcrypt = "the hash"};
        out.cram_md5 = auth::cram_md5_keys(password);
        out.scram_sha1 = {"salt", 1, auth::pbkdf2(auth::Digest::sha1, password, "salt", 1)};
        out.scram_sha256 = {"salt", 1, auth::pbkdf2(auth::Digest::sha256, password, "salt", 1)};
        return out;
    }
    auth::Credentials credentials_ = made();
};

// The client's side, as far as the input leaves it to us.
struct Client {
    Mechanism mechanism;
    std::string first, challenge;
    bool has_answered = false;

    [[nodiscard]] std::string nonce() const {
        const auto end = challenge.find(',');
        return challenge.starts_with("r=") && end != std::string::npos ? challenge.substr(2, end - 2) : "";
    }
    [[nodiscard]] std::string proof(const std::string& before) {
        has_answered = true;
        const bool is_sha1 = mechanism == Mechanism::scram_sha1 || mechanism == Mechanism::scram_sha1_plus;
        const auto digest = is_sha1 ? auth::Digest::sha1 : auth::Digest::sha256;
        const auto second_comma = first.find(',', first.find(',') + 1);
        const std::string bare = second_comma == std::string::npos ? first : first.substr(second_comma + 1);
        const auto end = before.rfind(",p=");
        const std::string message = bare + "," + challenge + "," + before.substr(0, end);
        return to_base64(
            as_bytes(auth::scram_client_proof(digest, auth::pbkdf2(digest, password, "salt", 1), message)));
    }
    std::string filled_in(std::string_view text) {
        std::string out;
        for (const char c : text) {
            if (c == '\x01') {
                out += nonce();
            } else if (c == '\x02') {
                out += proof(out);
            } else if (c == '\x03') {
                has_answered = true;
                out += auth::cram_md5_digest(auth::cram_md5_keys(password), challenge);
            } else {
                out += c;
            }
        }
        return out;
    }
};

void check_result(const Step& step, const Client& client, std::string_view input) {
    if (const auto* failed = std::get_if<Failed>(&step)) {
        if (failed->reason.empty() || failed->reason.find(password) != std::string::npos) std::abort();
        return;
    }
    const auto& identity = std::get<Identity>(step);
    if (identity.account != "u" || identity.address != user) std::abort();
    if (!client.has_answered && input.find(password) == std::string_view::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static OneUser users;
    static const FixedClock clock(1'795'343'645);
    SeededRandom random(size);
    const Channel channel{.passwords_allowed = (data[0] & 0x10U) == 0,
                          .tls_server_end_point = (data[0] & 0x20U) == 0 ? "end point" : "",
                          .tls_exporter = (data[0] & 0x40U) == 0 ? "exporter" : ""};
    Environment environment{.users = users,
                            .random = random,
                            .clock = clock,
                            .hostname = "x.example",
                            .secret = "secret",
                            .matches = [](const std::string& hash, std::string_view text) {
                                return hash == "the hash" && text == password;
                            }};
    Client client{.mechanism = static_cast<Mechanism>((data[0] & 0x0fU) % 7)};
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto exchange = make_exchange(client.mechanism, channel, environment);
    bool is_first = (data[0] & 0x80U) == 0;
    Step step = is_first ? Step(Challenge{}) : exchange->begin(std::nullopt);
    std::string_view rest = input;
    for (int steps = 0; std::holds_alternative<Challenge>(step); ++steps) {
        if (steps > 5) std::abort();  // no mechanism has as many
        client.challenge = std::get<Challenge>(step).bytes;
        if (rest.empty() && steps > 0) return 0;
        const auto end = rest.find('\n');
        const std::string message = client.filled_in(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (client.first.empty()) client.first = message;
        step = is_first ? exchange->begin(message) : exchange->respond(message);
        is_first = false;
    }
    check_result(step, client, input);
    return 0;
}
