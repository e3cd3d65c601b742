#include <sys/un.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "server/ctl/client.hpp"
#include "server/ctl/protocol.hpp"
#include "server/process/server_process.hpp"
#include "support/mounts.hpp"

using namespace mox;
using test::LocalServer;
using test::run_program;
using test::ServerProcess;

namespace {

namespace fs = std::filesystem;

constexpr const char* right = "mox@localhost:moxmoxmox";

std::map<std::string, std::string> status_of_process(pid_t process) {
    std::map<std::string, std::string> out;
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line.substr(line.find(':') + 1));
        std::string word, all;
        while (words >> word) all += (all.empty() ? "" : " ") + word;
        out[line.substr(0, line.find(':'))] = all;
    }
    return out;
}

void append(const fs::path& file, std::string_view text) {
    std::ofstream out(file, std::ios::app);
    out << text;
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    REQUIRE(text.find(from) != std::string::npos);
    text.replace(text.find(from), from.size(), to);
    std::ofstream(file, std::ios::trunc) << text;
}

UniqueFd connect_to(const fs::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(path.c_str(), path.native().size(), address.sun_path);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
    return fd;
}

}  // namespace

TEST_CASE("localserve is a whole server in one command, which real clients can use", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.server->says("password moxmoxmox"));

    CHECK(local.curl(right).exit_code == 0);
    CHECK(local.curl("mox@localhost:wrongpassword").exit_code == 67);  // curl: login denied
    const auto secure = run_program({"curl", "-s", "--max-time", "20", "--cacert", local.certificate().string(),
                                     "--resolve", "localhost:" + local.imaps_port() + ":127.0.0.1",
                                     "imaps://localhost:" + local.imaps_port() + "/", "-X", "NOOP", "-u", right});
    CHECK(secure.exit_code == 0);

    const auto imaplib = run_program({"python3", "-c", R"(
import imaplib, ssl, sys
port, tls_port, ca = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
context = ssl.create_default_context(cafile=ca)
plain = imaplib.IMAP4("127.0.0.1", port)
assert "AUTH=SCRAM-SHA-256" in plain.capabilities and "STARTTLS" in plain.capabilities, plain.capabilities
plain.host = "localhost"
plain.starttls(context)
assert "STARTTLS" not in plain.capabilities, plain.capabilities
assert plain.login_cram_md5("mox@localhost", "moxmoxmox")[0] == "OK"
assert plain.noop()[0] == "OK"
plain.logout()
tls = imaplib.IMAP4_SSL("localhost", tls_port, ssl_context=context)
assert tls.authenticate("PLAIN", lambda _: b"\0mox@localhost\0moxmoxmox")[0] == "OK"
tls.logout()
wrong = imaplib.IMAP4_SSL("localhost", tls_port, ssl_context=context)
try:
    wrong.login("mox@localhost", "wrongpassword")
    sys.exit("a wrong password was taken")
except imaplib.IMAP4.error as error:
    assert "AUTHENTICATIONFAILED" in str(error), error
)",
                                      local.imap_port(), local.imaps_port(), local.certificate().string()});
    CHECK(imaplib.err == "");
    CHECK(imaplib.exit_code == 0);

    const auto openssl = run_program({"bash", "-c",
                                      "printf 'a1 CAPABILITY\\r\\na2 LOGOUT\\r\\n' | openssl s_client -quiet -starttls "
                                      "imap -verify_return_error -CAfile \"$1\" -connect 127.0.0.1:\"$0\" 2>/dev/null",
                                      local.imap_port(), local.certificate().string()});
    CHECK(openssl.out.find("* BYE thanks\r\na2 OK LOGOUT done") != std::string::npos);

    const auto stop = local.mox({"stop"});
    CHECK(stop.out == "the server has stopped\n");
    CHECK(stop.exit_code == 0);
    CHECK(local.server->wait() == 0);
    CHECK_FALSE(status_of(local.data() / "ctl"));
}

TEST_CASE("a change by a command is in force when the command ends", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    CHECK(local.curl("ana@localhost:correct horse").exit_code == 67);
    const auto added = local.mox({"account", "add", "ana", "ana@localhost"});
    CHECK(added.err == "");
    CHECK(added.exit_code == 0);
    const auto set = run_program({"sh", "-c", "printf 'correct horse\\n' | \"$0\" setaccountpassword ana -c \"$1\"",
                                  test::mox_program, local.config().string()});
    CHECK(set.exit_code == 0);
    CHECK(local.curl("ana@localhost:correct horse").exit_code == 0);
    CHECK(local.mox({"address", "add", "other@localhost", "ana"}).exit_code == 0);
    CHECK(local.curl("other@localhost:correct horse").exit_code == 0);
    CHECK(local.mox({"account", "rm", "ana"}).exit_code == 0);
    CHECK(local.curl("ana@localhost:correct horse").exit_code == 67);
    CHECK(local.curl(right).exit_code == 0);
}

TEST_CASE("every SASL mechanism works with another implementation's client", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto* const mechanism = GENERATE("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256",
                                           "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS");
    INFO(mechanism);
    const auto gsasl = [&](const std::string& password) {
        // A client with TLS wants the bound form of SCRAM unless it is told not to bind.
        const char* const binding = std::string(mechanism).ends_with("-PLUS") ? "--quiet" : "--no-cb";
        std::vector<std::string> words{"gsasl",
                                       "--imap",
                                       "--connect",
                                       "127.0.0.1:" + local.imap_port(),
                                       "--starttls",
                                       binding,
                                       "-m",
                                       mechanism,
                                       "-a",
                                       "mox@localhost",
                                       "-p",
                                       password,
                                       "--x509-ca-file",
                                       local.certificate().string(),
                                       "--hostname",
                                       "localhost"};
        // An authorization identity that is empty, where the client would ask for one; in SCRAM it may not be empty.
        if (std::string(mechanism) == "PLAIN") words.insert(words.end(), {"-z", ""});
        return run_program(words);
    };
    const auto good = gsasl("moxmoxmox");
    INFO(good.out << good.err << local.server->log());
    CHECK(local.server->says("m=login pkg=imap"));
    (void)gsasl("wrongpassword");
    CHECK(local.server->says("login refused"));
}

TEST_CASE("SIGTERM and SIGINT end the server in order", "[serve]") {
    const int number = GENERATE(SIGTERM, SIGINT);
    LocalServer local;
    REQUIRE(local.is_ready());
    local.server->signal(number);
    CHECK(local.server->wait() == 0);
    CHECK_FALSE(status_of(local.data() / "ctl"));
    CHECK(run_program({MOX_BIN "/mox-verifydata", "-q", local.data().string()}).exit_code == 0);
}

TEST_CASE("after SIGKILL the next start finds nothing in its way", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    local.server->signal(SIGKILL);
    CHECK(local.server->wait() == 128 + SIGKILL);
    CHECK(status_of(local.data() / "ctl"));  // left over
    const auto none = local.mox({"stop"});
    CHECK(none.exit_code == 1);
    CHECK(none.err.find("no server runs on") != std::string::npos);
    local.start();
    REQUIRE(local.is_ready());
    CHECK(local.curl(right).exit_code == 0);
    CHECK(local.mox({"stop"}).exit_code == 0);
}

TEST_CASE("what keeps the server from starting is told in one line, with what to do", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto fails = [&](const std::string& text, int code) {
        const auto done = run_program({test::mox_program, "serve", "-c", local.config().string()},
                                      {.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}});
        INFO(done.err);
        CHECK(done.exit_code == code);
        CHECK(done.err.find(text) != std::string::npos);
        // What is wrong with the configuration says with its line what to do.
        CHECK((done.err.find("mox: hint: ") != std::string::npos || done.err.find("mox.conf:") != std::string::npos));
    };
    fails("a server runs already on", 11);
    REQUIRE(local.mox({"stop"}).exit_code == 0);

    SECTION("a port that is taken") {
        const UniqueFd taken = net::listen_tcp({"127.0.0.1", static_cast<std::uint16_t>(std::stoi(local.imap_port()))});
        fails("listen on '127.0.0.1:" + local.imap_port() + "': address already in use", 1);
    }
    SECTION("a key of another certificate") {
        test::TempDir other;
        REQUIRE(run_program({"openssl", "genpkey", "-algorithm", "ED25519", "-out", local.key().string()}).exit_code ==
                0);
        fails("does not belong to the certificate", 1);
    }
    SECTION("no data directory") {
        fs::rename(local.data(), local.data().string() + ".away");
        fails("there is no data directory", 10);
    }
    SECTION("an error in mox.conf") {
        replace_in(local.config(), "Hostname: localhost", "Hostnme: localhost");
        fails("mox.conf:", 1);
    }
    SECTION("no configuration") {
        fs::remove(local.config());
        fails("mox.conf': no such file", 10);
    }
    SECTION("certificates by ACME") {
        std::string text = read_file(local.config());
        const auto from = text.find("\t\t\tKeyCerts:"), to = text.find("\t\tIMAP:");
        text.replace(from, to - from, "\t\t\tACME: x\n");
        text += "ACME:\n\tx:\n\t\tDirectoryURL: https://acme.example/\n\t\tContactEmail: a@b.example\n";
        std::ofstream(local.config(), std::ios::trunc) << text;
        fails("gets its certificates by ACME", 1);
    }
}

TEST_CASE("a full disk is no reason to start half", "[serve]") {
    const test::TempDir folder;
    const auto small = test::Mounted::small(test::reachable(folder) / "", 1U << 20U);
    if (!small) return;
    fs::permissions(folder.path(), fs::perms(0755));
    const int offset = test::free_port_offset();
    {
        ServerProcess once({test::mox_program, "localserve", "--dir", (folder / "try").string(), "--ip", "127.0.0.1",
                            "--port-offset", std::to_string(offset)});
        REQUIRE(once.says("ready to serve"));
        once.signal(SIGTERM);
        REQUIRE(once.wait() == 0);
    }
    fs::remove(folder / "try/data/receivedid.key");
    (void)run_program({"dd", "if=/dev/zero", "of=" + (folder / "fill").string(), "bs=4k"});
    ServerProcess full({test::mox_program, "serve", "-c", (folder / "try/config/mox.conf").string()});
    CHECK(full.wait() == 1);
    CHECK(full.log().find("no space left on device") != std::string::npos);
    for (const auto& entry : fs::directory_iterator(folder / "try/data"))
        CHECK(entry.path().filename() != "receivedid.key");
}

TEST_CASE("domains.conf is read again by itself, and a wrong one changes nothing", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const std::string good = read_file(local.domains());
    append(local.domains(), "Nonsense: x\n");
    REQUIRE(local.server->says("domains.conf cannot be used"));
    CHECK(local.curl(right).exit_code == 0);

    std::string renamed = good;
    renamed.replace(renamed.find("mox@localhost"), 13, "you@localhost");
    {
        std::ofstream(local.domains().string() + ".new") << renamed;
        fs::rename(local.domains().string() + ".new", local.domains());
    }
    REQUIRE(local.server->says("domains.conf is in force"));
    CHECK(local.curl(right).exit_code == 67);
    CHECK(local.curl("you@localhost:moxmoxmox").exit_code == 0);
}

TEST_CASE("SIGHUP loads certificates and log levels, and keeps those that are when the new ones are wrong", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto serial = [&] {
        return run_program({"bash", "-c",
                            "openssl s_client -connect 127.0.0.1:$0 </dev/null 2>/dev/null | openssl x509 -noout "
                            "-fingerprint",
                            local.imaps_port()})
            .out;
    };
    const std::string before = serial();
    test::TempDir made;
    REQUIRE(run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                         (made / "key").string(), "-out", (made / "crt").string()})
                .exit_code == 0);
    std::ofstream(local.key(), std::ios::trunc) << read_file(made / "key");
    local.server->signal(SIGHUP);
    REQUIRE(local.server->says("the present certificates stay"));
    CHECK(local.server->log().find("does not belong to the certificate") != std::string::npos);
    CHECK(serial() == before);

    std::ofstream(local.certificate(), std::ios::trunc) << read_file(made / "crt");
    replace_in(local.config(), "LogLevel: info", "LogLevel: debug");
    local.server->signal(SIGHUP);
    REQUIRE(local.server->says("certificates loaded"));
    while (serial() == before) (void)::poll(nullptr, 0, 10);
    CHECK(local.mox({"loglevels"}).out == "(default): debug\n");
    CHECK(local.mox({"loglevels", "imap", "trace"}).exit_code == 0);
    CHECK(local.mox({"loglevels"}).out == "(default): debug\nimap: trace\n");
    CHECK(local.mox({"loglevels", "imap", "loud"}).exit_code == 2);
}

TEST_CASE("the control socket takes no garbage, and is still there after thousands of clients", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    CHECK((status_of(local.data() / "ctl")->st_mode & 0777) == 0600);
    {
        const UniqueFd garbage = connect_to(local.data() / "ctl");
        const std::string much(100'000, 'x');
        for (int i = 0; i < 10'000; ++i)
            if (::send(garbage.get(), much.data(), much.size(), MSG_NOSIGNAL) <= 0) break;
        std::array<char, 4096> buffer{};
        ctl::FrameReader reader;
        const auto count = ::recv(garbage.get(), buffer.data(), buffer.size(), 0);
        if (count > 0) {
            reader.feed({buffer.data(), static_cast<std::size_t>(count)});
            CHECK(reader.next()->kind == ctl::FrameKind::error);
        }
    }
    for (int i = 0; i < 10'000; ++i) (void)connect_to(local.data() / "ctl");
    CHECK(local.mox({"loglevels"}).exit_code == 0);
}

TEST_CASE("started as root, the server keeps nothing of it", "[serve][root]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give up root");
        return;
    }
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto status = status_of_process(local.server->process());
    const std::string user = status.at("Uid").substr(0, status.at("Uid").find(' '));
    CHECK(user != "0");
    CHECK(status.at("Uid") == user + " " + user + " " + user + " " + user);
    CHECK(status.at("Gid").find("0 ") != 0);
    CHECK(status.at("Groups") == "");
    for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
        INFO(set);
        CHECK(status.at(set) == "0000000000000000");
    }
    CHECK(status.at("NoNewPrivs") == "1");
    CHECK(status.at("Umask") == "0007");
    CHECK(status_of(local.data())->st_uid == static_cast<uid_t>(std::stoul(user)));
    CHECK((status_of(local.data())->st_mode & 07777) == 02750);
    CHECK((status_of(local.key())->st_mode & 07777) == 0640);
    CHECK(status_of(local.data() / "receivedid.key")->st_size == 24);
    CHECK(run_program({MOX_BIN "/mox-verifydata", "-q", local.data().string()}).exit_code == 0);
}

TEST_CASE("the user of mox.conf must be there and may not be root", "[serve][root]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root becomes another user");
        return;
    }
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    std::string text = read_file(local.config());
    const auto at = text.find("User: ");
    const std::string line = text.substr(at, text.find('\n', at) - at);
    const auto fails = [&](const std::string& user, const std::string& expected, int code) {
        replace_in(local.config(), line, "User: " + user);
        const auto done = run_program({test::mox_program, "serve", "-c", local.config().string()});
        CHECK(done.exit_code == code);
        CHECK(done.err.find(expected) != std::string::npos);
        replace_in(local.config(), "User: " + user, line);
    };
    fails("nosuchuser", "there is no user 'nosuchuser', which mox.conf names", 10);
    fails("root", "User cannot be root", 1);
    fails("0", "User cannot be root", 1);

    replace_in(local.config(), line, line + "\nNoFixPermissions: true");
    fs::permissions(local.data(), fs::perms(0700));
    REQUIRE(::chown(local.data().c_str(), 12'345, 12'345) == 0);
    const auto foreign = run_program({test::mox_program, "serve", "-c", local.config().string()});
    CHECK(foreign.exit_code == 1);
    CHECK(foreign.err.find("belongs to user 12345") != std::string::npos);
}

TEST_CASE("started without root, with ports that anybody may have, the server works too", "[serve]") {
    if (::geteuid() != 0) return;  // all other tests are that one
    test::TempDir folder;
    const std::string dir = (test::reachable(folder) / "own").string();
    fs::create_directory(dir);
    REQUIRE(::chown(dir.c_str(), 65'534, 65'534) == 0);
    const std::string offset = std::to_string(test::free_port_offset());
    ServerProcess server({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", test::mox_program,
                          "localserve", "--dir", dir + "/try", "--ip", "127.0.0.1", "--port-offset", offset});
    REQUIRE(server.says("ready to serve"));
    CHECK(status_of_process(server.process()).at("NoNewPrivs") == "1");
    server.signal(SIGTERM);
    CHECK(server.wait() == 0);
}
