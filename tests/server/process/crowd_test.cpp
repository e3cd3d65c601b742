// Many clients, and clients that want too much: the server's memory stays bounded, and others are served.

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <thread>

#include "server/net/client.hpp"
#include "server/process/server_process.hpp"

using namespace mox;
using test::Client;
using test::LocalServer;

namespace {

// With a sanitizer's own: without one it is a few KiB (bench/run.sh --only server).
#ifdef __SANITIZE_THREAD__
constexpr std::size_t most_bytes_each = 500'000;
#else
constexpr std::size_t most_bytes_each = 100'000;
#endif

constexpr const char* right = "mox@localhost:moxmoxmox";

std::uint16_t port_of(const std::string& text) {
    return static_cast<std::uint16_t>(std::stoi(text));
}

std::size_t memory_of(pid_t process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/statm");
    std::size_t all = 0, resident = 0;
    in >> all >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// The n-th address of this host that no limit joins with too many others: 30 of an address, 240 of its /21.
std::string address_of(std::size_t n) {
    std::ostringstream out;
    out << "127." << 1 + n / 240 / 32 << "." << 8 * (n / 240 % 32) << "." << 64 * (n % 240 / 80) + 1 + n % 80 / 30;
    return out.str();
}

}  // namespace

TEST_CASE("thousands of clients that never speak cost little, and keep nobody out", "[serve]") {
    constexpr std::size_t clients = 2000;
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.curl(right).exit_code == 0);
    const auto port = port_of(GENERATE(true, false) ? local.imap_port() : local.imaps_port());
    const std::size_t before = memory_of(local.server->process());
    std::vector<Client> silent;
    for (std::size_t n = 0; n < clients; ++n) silent.emplace_back(port, address_of(n));
    if (port == port_of(local.imap_port()))
        for (auto& client : silent) CHECK(client.line().starts_with("* OK "));
    CHECK(local.curl(right).exit_code == 0);
    const std::size_t after = memory_of(local.server->process());
    CHECK(after < before + clients * most_bytes_each);
    CHECK(local.mox({"loglevels"}).exit_code == 0);
    local.server->signal(SIGTERM);
    CHECK(local.server->wait() == 0);
}

TEST_CASE("a line of a gigabyte is refused with a word, and takes no memory", "[serve]") {
    constexpr std::size_t gigabyte = 1U << 30U, most_bytes = 64U << 20U;
    LocalServer local;
    REQUIRE(local.is_ready());
    const std::size_t before = memory_of(local.server->process());
    const std::string start = GENERATE("", "a LOGIN \"", "a LOGIN {1073741824+}\r\n", "a LOGIN {1073741824}\r\n");
    Client client(port_of(local.imap_port()));
    (void)client.line();
    client.send(start);
    std::string answer;
    std::jthread reading([&] { answer = client.rest(); });
    const std::string much(1U << 20U, 'x');
    std::size_t sent = 0;
    while (sent<gigabyte&& ::send(client.fd(), much.data(), much.size(), MSG_NOSIGNAL)> 0) sent += much.size();
    reading.join();
    INFO(answer);
    CHECK(sent < gigabyte);
    CHECK(answer.find("* BYE ") != std::string::npos);
    CHECK(memory_of(local.server->process()) < before + most_bytes);
    CHECK(local.curl(right).exit_code == 0);
}

TEST_CASE("SIGTERM ends the server whatever its clients are doing", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto imap = port_of(local.imap_port()), imaps = port_of(local.imaps_port());
    std::vector<Client> silent, half_open, busy;
    for (int i = 0; i < 20; ++i) (void)silent.emplace_back(imap).line();
    for (int i = 0; i < 5; ++i) half_open.emplace_back(imaps).send(std::string_view("\x16\x03\x01\x02\x00\x01\x00", 7));
    for (int i = 0; i < 20; ++i) {
        auto& client = busy.emplace_back(imap, "127.0.64." + std::to_string(1 + i));
        for (int n = 0; n < 100; ++n) client.send("a LOGIN mox@localhost wrongpassword\r\na NOOP\r\n");
    }
    const test::ProgramRun none = local.mox({"loglevels"});  // all of it has arrived
    CHECK(none.exit_code == 0);
    local.server->signal(SIGTERM);
    CHECK(local.server->wait() == 0);
    for (auto& client : silent) CHECK(client.rest() == "* BYE shutting down\r\n");
    CHECK(test::run_program({MOX_BIN "/mox-verifydata", "-q", local.data().string()}).exit_code == 0);
}
