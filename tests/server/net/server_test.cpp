#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "server/net/running_server.hpp"

using namespace mox;
using test::Client;
using test::RunningServer;
using Transport = net::Service::Transport;

namespace {

std::shared_ptr<net::TlsSlot> slot_of(const std::vector<test::Pem>& pems) {
    std::vector<net::CertificateFiles> files;
    for (const auto& pem : pems) files.push_back({pem.certificate, pem.key});
    auto slot = std::make_shared<net::TlsSlot>();
    slot->current = net::TlsContext::load(files);
    return slot;
}

// A TLS client on an open connection.
class TlsClient {
public:
    TlsClient(const Client& client, const std::string& name, int most = TLS1_3_VERSION) {
        SSL_CTX_set_max_proto_version(context_.get(), most);
        SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), client.fd());
        if (!name.empty()) SSL_set_tlsext_host_name(ssl_.get(), name.c_str());
        connected = SSL_connect(ssl_.get()) == 1;
    }
    std::string ask(const std::string& text) {
        SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        return line();
    }
    std::string line() {
        std::string out;
        for (char c = 0; c != '\n' && SSL_read(ssl_.get(), &c, 1) == 1;) out += c;
        return out;
    }
    std::string subject() {
        const std::unique_ptr<X509, decltype(&X509_free)> cert(SSL_get1_peer_certificate(ssl_.get()), X509_free);
        std::array<char, 256> name{};
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert.get()), NID_commonName, name.data(), name.size());
        return name.data();
    }
    bool covers(const std::string& name) {
        const std::unique_ptr<X509, decltype(&X509_free)> cert(SSL_get1_peer_certificate(ssl_.get()), X509_free);
        return X509_check_host(cert.get(), name.c_str(), 0, 0, nullptr) == 1;
    }
    int renegotiate() {
        SSL_renegotiate(ssl_.get());
        return SSL_do_handshake(ssl_.get());
    }
    // When something was read.
    bool has_ticket() { return SSL_SESSION_has_ticket(SSL_get_session(ssl_.get())) == 1; }
    bool connected = false;

private:
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
};

}  // namespace

TEST_CASE("a client talks to its session, and others do so meanwhile", "[net]") {
    RunningServer server({});
    Client one(server.port()), two(server.port());
    CHECK(one.line() == "hello\n");
    CHECK(two.line() == "hello\n");
    one.send("echo a\necho b\nec");
    CHECK(one.line() == "a\n");
    two.send("echo c\n");
    CHECK(two.line() == "c\n");
    one.send("ho d\nquit\necho e\n");
    CHECK(one.rest() == "b\nd\n");
}

TEST_CASE("what a job sends arrives complete and in order, also when it is much", "[net]") {
    RunningServer server({});
    Client client(server.port());
    (void)client.line();
    client.send("job 5000\necho after\nquit\n");
    const std::string all = client.rest();
    CHECK(all.size() == 5000 * 1024 + 7);
    CHECK(all.ends_with("j\nafter\n"));
}

TEST_CASE("a session that is woken says something to a silent client", "[net]") {
    RunningServer server({});
    Client client(server.port());
    (void)client.line();
    for (int i = 0; i < 20; ++i) {
        client.send("wake me\n");
        CHECK(client.line() == "woken\n");
    }
    client.send("wake me\njob 1\nquit\n");
    const std::string all = client.rest();
    CHECK(all.find("j\n") != std::string::npos);
}

TEST_CASE("a client that leaves in the middle of a job ends it", "[net]") {
    RunningServer server({});
    {
        Client client(server.port());
        (void)client.line();
        client.send("job 100000\n");
        std::array<char, 1000> some{};
        CHECK(::recv(client.fd(), some.data(), some.size(), 0) > 0);
    }
    server.wait_until_connections(0);
    Client next(server.port());
    (void)next.line();
    next.send("job 1\nquit\n");  // the strand is free
    CHECK(next.rest().size() == 1025);
}

TEST_CASE("a client that does not read gets no more work done", "[net]") {
    RunningServer server({});
    Client slow(server.port());
    for (int i = 0; i < 3; ++i) slow.send("big 20000\n");
    Client other(server.port());
    (void)other.line();
    other.send("echo x\n");
    CHECK(other.line() == "x\n");
    slow.send("quit\n");
    CHECK(slow.rest().size() == 6 + 3 * (20'000 * 1024 + 1));
}

TEST_CASE("a silent client is told good-bye", "[net]") {
    RunningServer server({.patience = std::chrono::seconds(1)});
    Client client(server.port());
    CHECK(client.rest() == "hello\nbye: idle\n");
    server.wait_until_connections(0);
}

TEST_CASE("shutting down says good-bye to all, and cuts off who does not go", "[net]") {
    RunningServer server({});
    Client idle(server.port()), stuck(server.port());
    CHECK(idle.line() == "hello\n");
    CHECK(stuck.line() == "hello\n");
    stuck.send("big 30000\n");
    (void)::poll(nullptr, 0, 50);
    server.shut_down(std::chrono::milliseconds(300));
    CHECK(idle.rest() == "bye: stopping\n");
    CHECK(server.connections() == 0);
}

TEST_CASE("connections are limited by class of address and in all", "[net]") {
    RunningServer server(
        {.numbers = {.simultaneous = {2, 3, 5}, .per_minute = {100, 100, 100}, .in_all = 6, .with_loopback = true}});
    std::vector<Client> open;
    const auto try_from = [&](const std::string& address) {
        Client client(server.port(), address);
        const std::string said = client.line();
        if (said == "hello\n") open.push_back(std::move(client));
        return said;
    };
    CHECK(try_from("127.0.0.1") == "hello\n");
    CHECK(try_from("127.0.0.1") == "hello\n");
    CHECK(try_from("127.0.0.1") == "refused\n");  // /32
    CHECK(try_from("127.0.0.2") == "hello\n");
    CHECK(try_from("127.0.0.3") == "refused\n");  // /26
    CHECK(try_from("127.0.1.1") == "hello\n");
    CHECK(try_from("127.0.2.1") == "hello\n");
    CHECK(try_from("127.0.3.1") == "refused\n");  // /21
    CHECK(try_from("127.1.0.1") == "hello\n");
    CHECK(try_from("127.2.0.1") == "refused\n");  // all
    open.front().close();
    server.wait_until_connections(5);
    CHECK(try_from("127.0.0.1") == "hello\n");
}

TEST_CASE("a limited number of connections of a service are open, others wait", "[net]") {
    RunningServer server({.most_connections = 1});
    Client one(server.port()), two(server.port());
    CHECK(one.line() == "hello\n");
    two.send("quit\n");
    CHECK(server.connections() == 1);
    one.close();
    CHECK(two.rest() == "hello\n");
}

TEST_CASE("the certificate is chosen by the name that the client asks for", "[net]") {
    const test::TempDir folder;
    const auto slot =
        slot_of({test::write_certificate(folder, "one.example"), test::write_certificate(folder, "two.example"),
                 test::write_certificate(folder, "rsa.example", keys::KeyKind::rsa)});
    RunningServer server({.transport = Transport::tls, .tls = slot});
    struct Row {
        std::string asked, got;
    };
    const auto row = GENERATE(values<Row>({{"one.example", "one.example"},
                                           {"TWO.example", "two.example"},
                                           {"rsa.example", "rsa.example"},
                                           {"other.example", "one.example"},
                                           {"", "one.example"}}));
    const auto version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    Client client(server.port());
    TlsClient tls(client, row.asked, version);
    REQUIRE(tls.connected);
    CHECK(tls.line() == "hello\n");
    CHECK(tls.covers(row.got));
    CHECK(tls.ask("tls?\n") == std::string(version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3") + " " + row.asked + "\n");
    CHECK(tls.ask("binding?\n") == "32 32\n");
}

TEST_CASE("old TLS is not spoken, and nothing is negotiated anew", "[net]") {
    const test::TempDir folder;
    RunningServer server(
        {.transport = Transport::tls, .tls = slot_of({test::write_certificate(folder, "one.example")})});
    Client old(server.port());
    CHECK_FALSE(TlsClient(old, "one.example", TLS1_1_VERSION).connected);
    Client client(server.port());
    TlsClient tls(client, "one.example", TLS1_2_VERSION);
    REQUIRE(tls.connected);
    CHECK(tls.line() == "hello\n");
    CHECK(tls.renegotiate() != 1);
    Client next(server.port());
    CHECK(TlsClient(next, "one.example").connected);
}

TEST_CASE("STARTTLS drops what came before the handshake", "[net]") {
    const test::TempDir folder;
    RunningServer server(
        {.transport = Transport::starttls, .tls = slot_of({test::write_certificate(folder, "one.example")})});
    Client client(server.port());
    (void)client.line();
    client.send("starttls\necho injected\n");
    CHECK(client.line() == "go\n");
    TlsClient tls(client, "one.example");
    REQUIRE(tls.connected);
    CHECK(tls.ask("echo mine\n") == "mine\n");
}

TEST_CASE("a session can be resumed that began with TLS, and there is no ticket after STARTTLS", "[net]") {
    const test::TempDir folder;
    const auto transport = GENERATE(Transport::tls, Transport::starttls);
    RunningServer server({.transport = transport, .tls = slot_of({test::write_certificate(folder, "one.example")})});
    Client client(server.port());
    if (transport == Transport::starttls) {
        (void)client.line();
        client.send("starttls\n");
        CHECK(client.line() == "go\n");
    }
    TlsClient tls(client, "one.example");
    REQUIRE(tls.connected);
    if (transport == Transport::tls) CHECK(tls.line() == "hello\n");
    CHECK(tls.ask("echo mine\n") == "mine\n");
    CHECK(tls.has_ticket() == (transport == Transport::tls));
}

TEST_CASE("plain text where a handshake should begin ends the connection", "[net]") {
    const test::TempDir folder;
    RunningServer server(
        {.transport = Transport::starttls, .tls = slot_of({test::write_certificate(folder, "one.example")})});
    Client client(server.port());
    (void)client.line();
    client.send("starttls\n");
    CHECK(client.line() == "go\n");
    client.send("echo injected\n");
    CHECK(client.rest().find("injected") == std::string::npos);
    server.wait_until_connections(0);
}

TEST_CASE("half a handshake disturbs nobody, and what is asked for without TLS ends the connection", "[net]") {
    const test::TempDir folder;
    RunningServer server(
        {.transport = Transport::tls, .tls = slot_of({test::write_certificate(folder, "one.example")})});
    Client half(server.port());
    half.send(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7));
    Client client(server.port());
    TlsClient tls(client, "one.example");
    REQUIRE(tls.connected);
    CHECK(tls.line() == "hello\n");
    half.close();
    server.wait_until_connections(1);

    RunningServer plain({});
    Client without(plain.port());
    without.send("starttls\n");
    CHECK(without.rest() == "hello\ngo\n");
}

TEST_CASE("new connections get the certificates that are there then, old ones go on", "[net]") {
    const test::TempDir folder;
    const auto slot = slot_of({test::write_certificate(folder, "one.example")});
    RunningServer server({.transport = Transport::tls, .tls = slot});
    Client before(server.port());
    TlsClient old(before, "");
    CHECK(old.line() == "hello\n");
    const auto next = slot_of({test::write_certificate(folder, "two.example")});
    server.loop().post([&] { slot->current = next->current; });
    server.wait_until_connections(1);
    Client after(server.port());
    TlsClient fresh(after, "");
    CHECK(fresh.covers("two.example"));
    CHECK(old.covers("one.example"));
    CHECK(old.ask("echo still\n") == "still\n");
}
