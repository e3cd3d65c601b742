#include <sys/un.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "config/load.hpp"
#include "server/process/file_watch.hpp"
#include "server/process/live_config.hpp"
#include "server/process/notify.hpp"
#include "server/process/permissions.hpp"
#include "server/process/received_id_key.hpp"
#include "server/process/server_process.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

struct Logging {
    log::StringSink sink;
    log::Levels levels;
    SystemClock clock;
    log::Log shared{sink, levels, clock};
    log::Logger logger{shared, "test"};
};

std::string mode_of(const fs::path& path) {
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) return "missing";
    std::ostringstream out;
    out << status.st_uid << ":" << status.st_gid << " " << std::oct << (status.st_mode & 07777);
    return out.str();
}

}  // namespace

TEST_CASE("permissions of an installation are repaired, and each repair is told", "[process][root]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root changes owners");
        return;
    }
    const test::TempDir folder;
    const auto root = folder / "mox";
    for (const char* dir : {"config", "data/accounts/a/msg"}) fs::create_directories(root / dir);
    for (const char* file : {"config/mox.conf", "data/accounts/a/index.db", "mox", "mox.service"})
        (void)folder.write(std::string("mox/") + file, "x");
    const auto outside = folder.write("outside", "x");
    fs::permissions(outside, fs::perms(0600));
    fs::create_symlink(outside, root / "data/link");
    fs::create_hard_link(outside, root / "data/another-name");
    fs::permissions(root / "data/accounts", fs::perms(0777));
    Logging logging;
    const process::User user{.user = 4711, .group = 4712, .name = "test"};
    const process::PermissionPaths paths{root, root / "config", root / "data"};
    process::repair_permissions(paths, user, logging.logger);
    CHECK(mode_of(root) == "0:4712 751");
    CHECK(mode_of(root / "mox") == "0:4712 750");
    CHECK(mode_of(root / "mox.service") == "0:0 644");
    for (const char* dir : {"config", "data", "data/accounts", "data/accounts/a", "data/accounts/a/msg"})
        CHECK(mode_of(root / dir) == "4711:0 2750");
    for (const char* file : {"config/mox.conf", "data/accounts/a/index.db"})
        CHECK(mode_of(root / file) == "4711:0 640");
    CHECK(mode_of(outside) == "0:0 600");
    const std::string log = logging.sink.text();
    CHECK(log.find("m=\"permissions repaired\" pkg=test path=" + (root / "data/accounts").string() +
                   " was=\"0:0 0777\" now=\"4711:0 2750\"") != std::string::npos);
    CHECK(log.find("a file of root has another name elsewhere") != std::string::npos);

    // What is right is not walked through.
    fs::permissions(root / "data/accounts", fs::perms(0777));
    Logging again;
    process::repair_permissions(paths, user, again.logger);
    CHECK(again.sink.text().empty());
}

TEST_CASE("a folder that is not the server's alone keeps its permissions", "[process][root]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root changes owners");
        return;
    }
    const test::TempDir folder;
    fs::create_directory(folder / "data");
    const auto before = mode_of("/tmp"), working = mode_of(folder.path());
    Logging logging;
    process::repair_permissions({folder.path(), "/tmp", folder / "data/../data"},
                                {.user = 4711, .group = 4712, .name = "x"}, logging.logger);
    CHECK(mode_of("/tmp") == before);
    CHECK(logging.sink.text().find("this is no folder of its own") != std::string::npos);
    CHECK(mode_of(folder.path()) != working);  // it holds data
    CHECK_THROWS_AS(
        process::repair_permissions({folder.path(), folder / "missing", folder / "data"}, {}, logging.logger), Error);
}

TEST_CASE("users are found by name or number, and root is none", "[process]") {
    CHECK(process::find_user("4711").user == 4711);
    CHECK(process::find_user("4711").group == 4711);
    CHECK(process::find_user("nobody").user == 65'534);
    for (const char* name : {"", "root", "0", "-1", "4294967295", "99999999999", "12x", "no such user"})
        CHECK_THROWS_AS((void)process::find_user(name), Error);
}

TEST_CASE("the key of received ids is made once, and anew when it is damaged", "[process]") {
    const test::TempDir folder;
    const datadir::Layout layout(folder.path());
    const auto user = process::current_user();
    const auto key = process::received_id_key(layout, user);
    CHECK(key.size() == 24);
    CHECK(process::received_id_key(layout, user) == key);
    (void)folder.write("receivedid.key", "short");
    const auto next = process::received_id_key(layout, user);
    CHECK(next.size() == 24);
    CHECK(next != key);
}

TEST_CASE("a file that is rewritten or replaced is noticed once", "[process]") {
    const test::TempDir folder;
    const auto file = folder.write("f", "one");
    process::FileWatch watch(file);
    CHECK_FALSE(watch.changed());
    (void)folder.write("f", "one two");
    if (watch.fd() >= 0) {
        pollfd ready{watch.fd(), POLLIN, 0};
        CHECK(::poll(&ready, 1, 10'000) == 1);
    }
    CHECK(watch.changed());
    CHECK_FALSE(watch.changed());
    (void)folder.write("new", "one two");
    fs::rename(folder / "new", file);
    CHECK(watch.changed());
    fs::remove(file);
    CHECK_FALSE(watch.changed());
    (void)folder.write("other", "x");
    CHECK_FALSE(watch.changed());
}

TEST_CASE("the service manager is told what the server does", "[process]") {
    const test::TempDir folder;
    const bool is_abstract = GENERATE(false, true);
    const std::string name = is_abstract ? "@moxtest-" + folder.path().filename().string() : (folder / "s").string();
    const UniqueFd manager(::socket(AF_UNIX, SOCK_DGRAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (is_abstract) address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    const process::Notifier notifier;
    CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
    const auto next = [&] {
        std::array<char, 256> buffer{};
        const auto count = ::recv(manager.get(), buffer.data(), buffer.size(), 0);
        return std::string(buffer.data(), static_cast<std::size_t>(count));
    };
    notifier.ready();
    CHECK(next() == "READY=1");
    notifier.reloading();
    CHECK(next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
    notifier.stopping();
    CHECK(next() == "STOPPING=1");
    const process::Notifier nobody;
    nobody.ready();
}

TEST_CASE("addresses lead to accounts, whole domains too", "[process]") {
    const test::TempDir folder;
    config::Config loaded;
    loaded.domains.domains["example.org"].localpart_catchall_separator = "+";
    loaded.domains.accounts["a"].domain = "example.org";
    loaded.domains.accounts["a"].destinations["one@example.org"] = {};
    loaded.domains.accounts["a"].destinations["bare"] = {};
    loaded.domains.accounts["b"].destinations["@example.org"] = {};
    const process::ConfigInForce in_force(loaded);
    CHECK(in_force.account_of("one@example.org") == "a");
    CHECK(in_force.account_of("bare@example.org") == "a");
    CHECK(in_force.account_of("any@example.org") == "b");
    CHECK(in_force.account_of("any@example.net").empty());
}
