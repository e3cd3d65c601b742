#include <catch2/catch.hpp>

#include "auth/cram_md5.hpp"
#include "server/auth/fixture.hpp"

using namespace mox;
using namespace mox::login;
using namespace mox::test;

namespace {

const Identity mjl{"mjl", "mjl@mox.example"};

std::string answer(const std::string& user, const std::string& password, const std::string& challenge) {
    return user + " " + auth::cram_md5_digest(auth::cram_md5_keys(password), challenge);
}

ScramClient client_for(Mechanism mechanism) {
    ScramClient client;
    if (mechanism == Mechanism::scram_sha1 || mechanism == Mechanism::scram_sha1_plus)
        client.digest = auth::Digest::sha1;
    if (mechanism == Mechanism::scram_sha1_plus || mechanism == Mechanism::scram_sha256_plus) {
        client.header = "p=tls-exporter,,";
        client.channel = LoginFixture().channel.tls_exporter;
    }
    return client;
}

constexpr std::array scram_mechanisms{Mechanism::scram_sha1, Mechanism::scram_sha1_plus, Mechanism::scram_sha256,
                                      Mechanism::scram_sha256_plus};

}  // namespace

TEST_CASE("CRAM-MD5 takes the digest of its challenge", "[sasl]") {
    LoginFixture f;
    auto exchange = f.start(Mechanism::cram_md5);
    const std::string challenge = challenge_of(exchange->begin(std::nullopt));
    CHECK(challenge.starts_with("<"));
    CHECK(challenge.ends_with(".1795343645.000000000@mail.mox.example>"));
    CHECK(identity_of(exchange->respond(answer("mjl@mox.example", "testpass1234", challenge))) == mjl);
    // Another challenge each time.
    CHECK(challenge_of(f.start(Mechanism::cram_md5)->begin(std::nullopt)) != challenge);
}

TEST_CASE("CRAM-MD5 refuses whatever else comes", "[sasl]") {
    LoginFixture f;
    f.users.users["old@mox.example"] = f.users.users["mjl@mox.example"];
    f.users.users["old@mox.example"].credentials->cram_md5.reset();
    const auto fails = [&](const std::function<std::string(std::string)>& make) {
        auto exchange = f.start(Mechanism::cram_md5);
        return exchange->respond(make(challenge_of(exchange->begin(std::nullopt))));
    };
    const auto with = [&](const std::string& user, const std::string& password) {
        return fails([&](const std::string& challenge) { return answer(user, password, challenge); });
    };
    CHECK(failure_of(with("mjl@mox.example", "testpass12345")) == Failure::bad_credentials);
    CHECK(failure_of(with("nobody@mox.example", "testpass1234")) == Failure::bad_credentials);
    CHECK(failure_of(with("nobody@mox.example", "")) == Failure::bad_credentials);  // keys that stand in for nobody's
    const Step old = with("old@mox.example", "testpass1234");
    CHECK(failure_of(old) == Failure::bad_credentials);
    CHECK(reason_of(old) == "the stored password lacks what CRAM-MD5 needs; set it again");
    for (const std::string message : {"", " ", "mjl@mox.example", "mjl@mox.example ", "mjl@mox.example 1234",
                                      " 00000000000000000000000000000000", "x 000000000000000000000000000000000"})
        CHECK(failure_of(fails([&](const std::string&) { return message; })) == Failure::malformed);
    CHECK(failure_of(f.start(Mechanism::cram_md5)->begin("")) == Failure::malformed);
    // The answer to the challenge of another exchange.
    const std::string earlier = challenge_of(f.start(Mechanism::cram_md5)->begin(std::nullopt));
    CHECK(failure_of(fails([&](const std::string&) { return answer("mjl@mox.example", "testpass1234", earlier); })) ==
          Failure::bad_credentials);
}

TEST_CASE("SCRAM lets the right password in and proves that it knows it", "[sasl]") {
    for (const auto mechanism : scram_mechanisms) {
        INFO(name_of(mechanism));
        LoginFixture f;
        auto exchange = f.start(mechanism);
        CHECK(identity_of(client_for(mechanism).log_in(*exchange)) == mjl);
        CHECK(exchange->login_address() == "mjl@mox.example");
        // Without an initial response.
        exchange = f.start(mechanism);
        ScramClient client = client_for(mechanism);
        CHECK(challenge_of(exchange->begin(std::nullopt)).empty());
        const std::string first = challenge_of(exchange->respond(client.first()));
        CHECK(challenge_of(exchange->respond(client.final_message(first))) == client.expected_signature);
        CHECK(failure_of(exchange->respond("x")) == Failure::malformed);
        CHECK(f.hashes == 0);
    }
}

TEST_CASE("a whole exchange of SCRAM-SHA-256 reads as another server had it", "[sasl]") {
    LoginFixture f("+3PxniSGponFQ96c");
    auto& keys = *f.users.users["mjl@mox.example"].credentials->scram_sha256;
    keys = {from_base64("RPFEucQ/t96AwAXL").value(), 4096, {}};
    keys.salted_password = auth::pbkdf2(auth::Digest::sha256, "testpass1234", keys.salt, keys.iterations);
    auto exchange = f.start(Mechanism::scram_sha256);
    const std::string first = from_base64("biwsbj1tamxAbW94LmV4YW1wbGUscj1jbGllbnRub25jZTEyMzQ=").value();
    CHECK(challenge_of(exchange->begin(first)) == "r=clientnonce1234+3PxniSGponFQ96c,s=RPFEucQ/t96AwAXL,i=4096");
    CHECK(challenge_of(exchange->respond(
              "c=biws,r=clientnonce1234+3PxniSGponFQ96c,p=ST7AUkJRndJEcAAU4WgKpeaSsWvuJ19cbvg88XQ2xIU=")) ==
          "v=L4dfdp3ilzP84H7gS5afeZSU53GY6BPoR9GPg2oEVGw=");
    CHECK(identity_of(exchange->respond("")) == mjl);
}

TEST_CASE("a whole exchange of SCRAM-SHA-1 reads as another server had it", "[sasl]") {
    LoginFixture f("QwAfAaj1srAgN320");
    auto& keys = *f.users.users["mjl@mox.example"].credentials->scram_sha1;
    keys = {from_base64("U0lTcZ5yuxjaCsXZ").value(), 8192, {}};
    keys.salted_password = auth::pbkdf2(auth::Digest::sha1, "testpass1234", keys.salt, keys.iterations);
    auto exchange = f.start(Mechanism::scram_sha1);
    CHECK(challenge_of(exchange->begin("n,,n=mjl@mox.example,r=clientnonce1234")) ==
          "r=clientnonce1234QwAfAaj1srAgN320,s=U0lTcZ5yuxjaCsXZ,i=8192");
    CHECK(challenge_of(exchange->respond("c=biws,r=clientnonce1234QwAfAaj1srAgN320,p=oLOEPefHPOVDdDKsCZaTIG9FLGs=")) ==
          "v=jD1NvNPBXbD1lO3IauY3r7Mnf4U=");
    CHECK(identity_of(exchange->respond("")) == mjl);
}

TEST_CASE("SCRAM refuses a wrong password, an unknown user and a missing credential alike", "[sasl]") {
    for (const auto mechanism : scram_mechanisms) {
        INFO(name_of(mechanism));
        LoginFixture f;
        f.users.users["old@mox.example"] = {"old@mox.example", "old", {}, f.users.users["mjl@mox.example"].credentials};
        f.users.users["old@mox.example"].credentials->scram_sha1.reset();
        f.users.users["old@mox.example"].credentials->scram_sha256.reset();
        f.users.users["empty@mox.example"] = {"empty@mox.example", "empty", {}, {}};
        ScramClient wrong = client_for(mechanism);
        wrong.password = "testpass12345";
        auto exchange = f.start(mechanism);
        CHECK(failure_of(wrong.log_in(*exchange)) == Failure::bad_credentials);
        for (const std::string user : {"nobody@mox.example", "old@mox.example", "empty@mox.example"}) {
            ScramClient client = client_for(mechanism);
            client.user = user;
            exchange = f.start(mechanism);
            const Step failed = client.log_in(*exchange);
            CHECK(failure_of(failed) == Failure::bad_credentials);
            if (user == "old@mox.example") CHECK(reason_of(failed).ends_with("needs; set it again"));
            // It looks like any other: same lengths, same numbers, the same salt each time.
            CHECK(client.salt.size() == wrong.salt.size());
            CHECK(client.iterations == wrong.iterations);
            CHECK(client.server_nonce.size() == wrong.server_nonce.size());
            ScramClient again = client_for(mechanism);
            again.user = user;
            exchange = f.start(mechanism);
            (void)again.log_in(*exchange);
            CHECK(again.salt == client.salt);
            CHECK(again.server_nonce != client.server_nonce);
        }
        f.environment.secret = "another server's";
        ScramClient elsewhere = client_for(mechanism), here = client_for(mechanism);
        elsewhere.user = here.user = "nobody@mox.example";
        exchange = f.start(mechanism);
        (void)elsewhere.log_in(*exchange);
        f.environment.secret = "secret";
        exchange = f.start(mechanism);
        (void)here.log_in(*exchange);
        CHECK(elsewhere.salt != here.salt);
    }
}

TEST_CASE("SCRAM is bound to the channel", "[sasl]") {
    struct Case {
        Mechanism mechanism;
        std::string header, channel;
        std::optional<Failure> failure;
    };
    const LoginFixture f;
    const std::string exporter = f.channel.tls_exporter, end_point = f.channel.tls_server_end_point;
    using enum Mechanism;
    const std::vector<Case> cases{
        {scram_sha256_plus, "p=tls-exporter,,", exporter, {}},
        {scram_sha256_plus, "p=tls-server-end-point,,", end_point, {}},
        {scram_sha1_plus, "p=tls-server-end-point,,", end_point, {}},
        {scram_sha256_plus, "p=tls-exporter,,", "of another connection", Failure::channel_binding},
        {scram_sha256_plus, "p=tls-exporter,,", "", Failure::channel_binding},
        {scram_sha256_plus, "p=tls-exporter,,", end_point, Failure::channel_binding},
        {scram_sha256_plus, "p=tls-unique,,", exporter, Failure::channel_binding},
        {scram_sha256_plus, "n,,", "", Failure::malformed},
        {scram_sha256_plus, "y,,", "", Failure::malformed},
        {scram_sha256, "n,,", "", {}},
        {scram_sha256, "n,,", exporter, Failure::channel_binding},
        {scram_sha256, "y,,", "", Failure::channel_binding},  // we offered -PLUS: somebody took it away
        {scram_sha256, "p=tls-exporter,,", exporter, Failure::malformed},
        {scram_sha256, "n,a=mjl@mox.example,", "", {}},
        {scram_sha256, "n,a=other@mox.example,", "", Failure::other_identity},
    };
    for (const auto& entry : cases) {
        INFO(name_of(entry.mechanism) << " " << entry.header << entry.channel);
        LoginFixture fixture;
        ScramClient client = client_for(entry.mechanism);
        client.header = entry.header;
        client.channel = entry.channel;
        auto exchange = fixture.start(entry.mechanism);
        const Step step = client.log_in(*exchange);
        CHECK(failure_of(step) == entry.failure);
        CHECK(identity_of(step).has_value() == !entry.failure.has_value());
    }
}

TEST_CASE("without TLS a client may say that we lack channel binding", "[sasl]") {
    LoginFixture f;
    f.channel = {.passwords_allowed = true, .tls_server_end_point = {}, .tls_exporter = {}};
    ScramClient client;
    client.header = "y,,";
    CHECK(identity_of(client.log_in(*f.start(Mechanism::scram_sha256))) == mjl);
    CHECK(failure_of(f.start(Mechanism::scram_sha256_plus)->begin("p=tls-exporter,,n=a,r=12345678")) ==
          Failure::channel_binding);
}

TEST_CASE("SCRAM refuses first messages that are none", "[sasl]") {
    for (const std::string message : {"",
                                      "n",
                                      "n,",
                                      "n,,",
                                      "n,,n=",
                                      "n,,n=a",
                                      "n,,n=a,",
                                      "n,,n=a,r=",
                                      "n,,n=a,r=1234567",
                                      "n,,r=12345678,n=a",
                                      "n,,m=x,n=a,r=12345678",
                                      "n,,n=a,r=12345678,",
                                      "n,,n=a,r=12345678,m=1",
                                      "n,,n=a,r=12345678,x",
                                      "n,,n=a,r=12345678,x=",
                                      "n,,n=a,r=1234 5678",
                                      "n,,n=a,r=1234567\xc3\xa4",
                                      "n,,n=a=b,r=12345678",
                                      "n,,n=a=2,r=12345678",
                                      "n,,n=\xff,r=12345678",
                                      "n,a=,n=a,r=12345678",
                                      "n,b,n=a,r=12345678",
                                      "n,a==,n=a,r=12345678",
                                      "x,,n=a,r=12345678",
                                      "p=,,n=a,r=12345678",
                                      "N,,n=a,r=12345678",
                                      "p=tls exporter,,n=a,r=12345678"}) {
        LoginFixture f;
        INFO(escaped(message));
        CHECK(failure_of(f.start(Mechanism::scram_sha256)->begin(message)) == Failure::malformed);
        CHECK(f.users.questions == 0);
    }
}

TEST_CASE("SCRAM refuses last messages that are none", "[sasl]") {
    struct Case {
        std::function<std::string(const std::string&)> change;
        Failure failure;
    };
    const auto replaced = [](std::string text, const std::string& from, const std::string& to) {
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        return text.replace(at, from.size(), to);
    };
    const std::vector<Case> cases{
        {[](const std::string&) { return ""; }, Failure::malformed},
        {[](const std::string&) { return ",p="; }, Failure::malformed},
        {[](const std::string&) { return "c=biws,r=x"; }, Failure::malformed},
        {[](const std::string& m) { return m.substr(0, m.size() - 1); }, Failure::malformed},
        {[](const std::string& m) { return m.substr(0, m.rfind(",p=")); }, Failure::malformed},
        {[](const std::string& m) { return m.substr(0, m.rfind(",p=")) + ",p="; }, Failure::bad_credentials},
        {[](const std::string& m) { return m + ",x=y"; }, Failure::malformed},
        {[&](const std::string& m) { return replaced(m, "c=biws", "c=bi"); }, Failure::malformed},
        {[&](const std::string& m) { return replaced(m, "c=biws,", ""); }, Failure::malformed},
        {[&](const std::string& m) { return replaced(m, "r=client", "r=klient"); }, Failure::bad_credentials},
        {[&](const std::string& m) { return replaced(m, "c=biws", "c=eSws"); }, Failure::bad_credentials},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        INFO(i);
        LoginFixture f;
        ScramClient client;
        auto exchange = f.start(Mechanism::scram_sha256);
        const std::string right = client.final_message(challenge_of(exchange->begin(client.first())));
        CHECK(failure_of(exchange->respond(cases[i].change(right))) == cases[i].failure);
    }
}

TEST_CASE("SCRAM knows names with commas and equals signs", "[sasl]") {
    LoginFixture f;
    f.users.add("a,b=c@mox.example", "odd", "testpass1234");
    ScramClient client;
    client.user = "a=2Cb=3Dc@mox.example";
    CHECK(identity_of(client.log_in(*f.start(Mechanism::scram_sha256)))->account == "odd");
}
