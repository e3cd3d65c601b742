#include <catch2/catch.hpp>
#include <sstream>

#include "server/process/server_process.hpp"
#include "server/process/unit_sandbox.hpp"

using namespace mox;
using test::LocalServer;
using test::ServerProcess;

namespace fs = std::filesystem;

namespace {

// As setpriv takes them: "-all,+setuid,+setgid".
std::string capabilities_of_unit() {
    const std::string unit = read_file(MOX_TESTDATA "/service/mox.service");
    const std::string_view key = "CapabilityBoundingSet=";
    const auto at = unit.find(key) + key.size();
    std::istringstream names(unit.substr(at, unit.find('\n', at) - at));
    std::string out = "-all";
    for (std::string name; names >> name;) {
        out += ",+";
        for (const char c : name.substr(4)) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

mode_t mode_of(const fs::path& path) {
    return status_of(path)->st_mode & 07777;
}

}  // namespace

TEST_CASE("with the capabilities and system calls of its unit, root starts the server and repairs permissions",
          "[serve][root]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root has what the unit takes away");
        return;
    }
    LocalServer local;
    REQUIRE(local.is_ready());
    const uid_t user = status_of(local.data())->st_uid;
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    fs::permissions(local.data(), fs::perms(0755));
    fs::remove_all(local.data() / "locks");
    fs::remove(local.data() / "receivedid.key");
    const auto accounts = local.data() / "accounts";
    REQUIRE(::chown(accounts.c_str(), 0, 0) == 0);
    fs::permissions(local.config(), fs::perms(0600));
    const bool had_bit = (mode_of(accounts) & 02000) != 0;

    const std::vector<std::string> words{
        "setpriv", "--bounding-set",       capabilities_of_unit(), "--no-new-privs", test::mox_program, "serve",
        "-c",      local.config().string()};
    {
        ServerProcess server(words, "/", test::restrict_system_calls);
        REQUIRE(server.says("ready to serve"));
        CHECK(server.log().find("cannot repair") == std::string::npos);
        CHECK(server.log().find("permissions repaired") != std::string::npos);
        CHECK(mode_of(local.data()) == 0750);
        CHECK(status_of(accounts)->st_uid == user);
        CHECK(mode_of(accounts) == (had_bit ? 02750 : 0750));
        CHECK(status_of(local.data() / "locks")->st_uid == user);
        CHECK(status_of(local.data() / "receivedid.key")->st_uid == user);
        CHECK(local.curl("mox@localhost:moxmoxmox").exit_code == 0);
        CHECK(local.mox({"account", "add", "ana", "ana@localhost"}).err == "");
        server.signal(SIGHUP);
        CHECK(server.says("certificates loaded"));
        server.signal(SIGTERM);
        CHECK(server.wait() == 0);
    }
    // What cannot be better is not repaired again.
    ServerProcess server(words, "/", test::restrict_system_calls);
    REQUIRE(server.says("ready to serve"));
    CHECK(server.log().find("permissions repaired") == std::string::npos);
    server.signal(SIGTERM);
    CHECK(server.wait() == 0);
}
