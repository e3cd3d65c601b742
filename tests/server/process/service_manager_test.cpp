// What systemd gives to the server, and what it hears of it.

#include <poll.h>
#include <sys/un.h>

#include <catch2/catch.hpp>

#include "server/net/client.hpp"
#include "server/process/server_process.hpp"

using namespace mox;
using test::LocalServer;
using test::ServerProcess;

namespace {

namespace fs = std::filesystem;

std::uint16_t port_of(const std::string& text) {
    return static_cast<std::uint16_t>(std::stoi(text));
}

// As systemd passes them: from descriptor 3 on, in variables that name the process.
bool pass_sockets(const std::vector<int>& sockets) {
    // Out of the way first.
    std::vector<int> copies;
    for (const int fd : sockets) copies.push_back(::fcntl(fd, F_DUPFD, 100));
    int next = 3;
    for (const int fd : copies)
        if (::dup2(fd, next++) < 0) return false;
    for (const int fd : copies) ::close(fd);
    return ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1) == 0 &&
           ::setenv("LISTEN_FDS", std::to_string(sockets.size()).c_str(), 1) == 0 &&
           ::setenv("LISTEN_FDNAMES", "a:b", 1) == 0;
}

std::vector<std::string> serve(const LocalServer& local) {
    return {test::mox_program, "serve", "-c", local.config().string()};
}

// Where a service manager listens.
class Manager {
public:
    Manager() : path_(test::reachable(folder_) / "notify"), fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy_n(path_.c_str(), path_.native().size(), address.sun_path);
        if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("bind");
        fs::permissions(path_, fs::perms(0666));  // the server's user is another one
    }
    [[nodiscard]] bool is_named() const { return ::setenv("NOTIFY_SOCKET", path_.c_str(), 1) == 0; }
    // What comes next; empty after a minute.
    [[nodiscard]] std::string next() const {
        pollfd waiting{fd_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 60'000) != 1) return {};
        std::array<char, 256> buffer{};
        const auto count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }

private:
    test::TempDir folder_;
    fs::path path_;
    UniqueFd fd_;
};

}  // namespace

TEST_CASE("the server tells its service manager that it is ready, loads anew, and stops", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    const Manager manager;
    ServerProcess server(serve(local), "/", [&] { return manager.is_named(); });
    CHECK(manager.next() == "READY=1");
    server.signal(SIGHUP);
    CHECK(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(manager.next() == "READY=1");
    server.signal(SIGTERM);
    CHECK(manager.next() == "STOPPING=1");
    CHECK(server.wait() == 0);
}

TEST_CASE("a server that cannot start never says that it is ready", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const Manager manager;
    ServerProcess second(serve(local), "/", [&] { return manager.is_named(); });
    CHECK(second.wait() == 11);
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    ServerProcess third(serve(local), "/", [&] { return manager.is_named(); });
    CHECK(manager.next() == "READY=1");
}

TEST_CASE("sockets that were passed are used, and clients who came before are served", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    const UniqueFd imap = net::listen_tcp({"127.0.0.1", port_of(local.imap_port())});
    const UniqueFd other = net::listen_tcp({"127.0.0.1", 0});
    test::Client early(port_of(local.imap_port()));
    ServerProcess server(serve(local), "/", [&] { return pass_sockets({other.get(), imap.get()}); });
    REQUIRE(server.says("ready to serve"));
    CHECK(early.line().starts_with("* OK "));
    CHECK(local.curl("mox@localhost:moxmoxmox").exit_code == 0);
    // The port of imaps was not passed: it is bound by the server itself.
    CHECK(test::Client(port_of(local.imaps_port())).fd() >= 0);
    CHECK(server.says("a socket was passed that mox.conf does not ask for"));
    server.signal(SIGTERM);
    CHECK(server.wait() == 0);
}

TEST_CASE("something else that was passed in place of a socket is named", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    const UniqueFd file(::open("/dev/null", O_RDONLY));
    const UniqueFd silent(::socket(AF_INET, SOCK_STREAM, 0));
    for (const int fd : {file.get(), silent.get()}) {
        ServerProcess server(serve(local), "/", [&] { return pass_sockets({fd}); });
        CHECK(server.wait() == 1);
        CHECK(server.log().find("descriptor 3 in $LISTEN_FDS is no listening socket") != std::string::npos);
    }
    ServerProcess none(serve(local), "/", [&] {
        return ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1) == 0 &&
               ::setenv("LISTEN_FDS", "3", 1) == 0;
    });
    CHECK(none.wait() == 1);
}
