// Configurations that cannot be used, and disks that are full while the server runs.

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "server/process/server_process.hpp"
#include "support/mounts.hpp"

using namespace mox;
using test::LocalServer;
using test::run_program;
using test::ServerProcess;

namespace {

namespace fs = std::filesystem;

constexpr const char* right = "mox@localhost:moxmoxmox";

void write(const fs::path& file, std::string_view text) {
    std::ofstream(file, std::ios::trunc) << text;
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    REQUIRE(text.find(from) != std::string::npos);
    write(file, text.replace(text.find(from), from.size(), to));
}

}  // namespace

TEST_CASE("a configuration that is wrong, missing, unreadable or a circle is named in one line", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    const auto fails = [&](const std::string& text) {
        const auto done = run_program({test::mox_program, "serve", "-c", local.config().string()});
        INFO(done.err);
        CHECK((done.exit_code == 1 || done.exit_code == 10 || done.exit_code == 12));
        CHECK(done.err.find("mox: error: ") != std::string::npos);
        CHECK(done.err.find(text) != std::string::npos);
        std::error_code ignored;
        CHECK_FALSE(fs::exists(local.data() / "ctl", ignored));
    };
    const auto circle = [](const fs::path& path) {
        fs::remove_all(path);
        fs::create_symlink(path.filename(), path);
    };
    SECTION("mox.conf is a circle of links") {
        circle(local.config());
        fails("mox.conf");
    }
    SECTION("mox.conf is a folder") {
        fs::remove(local.config());
        fs::create_directory(local.config());
        fails("mox.conf");
    }
    SECTION("mox.conf has bytes of no text") {
        write(local.config(), std::string("DataDir: \xff\xfe\0\n", 13));
        fails("mox.conf");
    }
    SECTION("mox.conf is empty") {
        write(local.config(), "");
        fails("mox.conf");
    }
    SECTION("mox.conf is endless") {
        fs::remove(local.config());
        fs::create_symlink("/dev/zero", local.config());
        fails("mox.conf");
    }
    SECTION("domains.conf is missing") {
        fs::remove(local.domains());
        fails("domains.conf");
    }
    SECTION("domains.conf is a circle of links") {
        circle(local.domains());
        fails("domains.conf");
    }
    SECTION("domains.conf names an account twice over") {
        write(local.domains(), read_file(local.domains()) + read_file(local.domains()));
        fails("domains.conf:");
    }
    SECTION("the data directory is a circle of links") {
        fs::rename(local.data(), local.data().string() + ".away");
        fs::create_symlink("data", local.data());
        fails("data");
    }
    SECTION("the data directory is a file") {
        fs::rename(local.data(), local.data().string() + ".away");
        write(local.data(), "x");
        fails("data");
    }
    SECTION("the data directory is something else") {
        fs::rename(local.data(), local.data().string() + ".away");
        fs::create_directory(local.data());
        fails("data");
    }
    SECTION("a certificate is missing") {
        fs::remove(local.certificate());
        fails("localhost.crt");
    }
    SECTION("a certificate is a circle of links") {
        circle(local.certificate());
        fails("localhost.crt");
    }
    SECTION("a key is encrypted") {
        REQUIRE(run_program({"openssl", "pkey", "-in", local.key().string(), "-aes256", "-passout", "pass:x", "-out",
                             local.key().string() + ".new"})
                    .exit_code == 0);
        fs::rename(local.key().string() + ".new", local.key());
        fails("encrypted");
    }
    SECTION("an address is none of this host") {
        replace_in(local.config(), "- 127.0.0.1", "- 192.0.2.1");
        fails("192.0.2.1");
    }
    SECTION("an address is no address") {
        replace_in(local.config(), "- 127.0.0.1", "- localhost");
        fails("localhost");
    }
    SECTION("a port is none") {
        replace_in(local.config(), "Port: " + local.imap_port(), "Port: 70000");
        fails("70000");
    }
    SECTION("two services want one port") {
        replace_in(local.config(), "Port: " + local.imap_port(), "Port: " + local.imaps_port());
        fails(local.imaps_port());
    }
}

TEST_CASE("a configuration that the server's user cannot read is named", "[serve][root]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root starts servers for other users");
        return;
    }
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    const auto serve = [&] { return run_program({test::mox_program, "serve", "-c", local.config().string()}); };
    const std::string text = read_file(local.config());
    write(local.config(), "NoFixPermissions: true\n" + text);
    REQUIRE(::chown(local.domains().c_str(), 0, 0) == 0);
    fs::permissions(local.domains(), fs::perms(0600));
    const auto unreadable = serve();
    CHECK(unreadable.exit_code == 1);
    CHECK(unreadable.err.find("cannot read") != std::string::npos);
    CHECK(unreadable.err.find("domains.conf") != std::string::npos);
    CHECK_FALSE(status_of(local.data() / "ctl"));
}

TEST_CASE("a disk that fills up while the server runs stops no logins, and half writes nothing", "[serve]") {
    const test::TempDir folder;
    const auto small = test::Mounted::small(test::reachable(folder) / "", 2U << 20U);
    if (!small) return;
    fs::permissions(folder.path(), fs::perms(0755));
    const std::string offset = std::to_string(test::free_port_offset());
    const auto config = folder / "try/config/mox.conf";
    ServerProcess server({test::mox_program, "localserve", "--dir", (folder / "try").string(), "--ip", "127.0.0.1",
                          "--port-offset", offset});
    REQUIRE(server.says("ready to serve"));
    const auto curl = [&](const std::string& who) {
        return run_program({"curl", "-s", "--max-time", "20",
                            "imap://127.0.0.1:" + std::to_string(143 + std::stoi(offset)) + "/", "-X", "NOOP", "-u",
                            who})
            .exit_code;
    };
    const auto mox = [&](std::vector<std::string> words) {
        words.insert(words.begin(), test::mox_program);
        words.insert(words.end(), {"-c", config.string()});
        return run_program(words);
    };
    REQUIRE(curl(right) == 0);
    (void)run_program({"dd", "if=/dev/zero", "of=" + (folder / "fill").string(), "bs=4k"});
    (void)run_program({"sh", "-c", "cat /dev/zero >>" + test::shell_word((folder / "fill").string())});

    const std::string before = read_file(folder / "try/config/domains.conf");
    const auto refused = mox({"address", "add", "ana@localhost", "mox"});
    CHECK(refused.exit_code == 1);
    CHECK(refused.err.find("no space left on device") != std::string::npos);
    CHECK(read_file(folder / "try/config/domains.conf") == before);
    const auto password =
        run_program({"sh", "-c", "printf 'battery staple\\n' | \"$0\" setaccountpassword mox -c \"$1\"",
                     test::mox_program, config.string()});
    CHECK(password.exit_code == 1);
    CHECK(curl(right) == 0);
    CHECK(curl("mox@localhost:battery staple") == 67);

    fs::remove(folder / "fill");
    CHECK(mox({"address", "add", "ana@localhost", "mox"}).exit_code == 0);
    CHECK(curl("ana@localhost:moxmoxmox") == 0);
    server.signal(SIGTERM);
    CHECK(server.wait() == 0);
    CHECK(run_program({MOX_BIN "/mox-verifydata", "-q", (folder / "try/data").string()}).exit_code == 0);
}

TEST_CASE("a log that may not grow ends neither the server nor its logins", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    constexpr rlim_t most_bytes = 40'960;  // a little more than what SQLite needs for its readers
    ServerProcess server({test::mox_program, "serve", "-c", local.config().string()}, "/", [] {
        const rlimit small{most_bytes, most_bytes};
        return ::setrlimit(RLIMIT_FSIZE, &small) == 0;
    });
    REQUIRE(server.says("ready to serve"));
    REQUIRE(local.mox({"loglevels", "(default)", "trace"}).exit_code == 0);
    for (int i = 0; i < 500 && server.log().size() < most_bytes; ++i) REQUIRE(local.curl(right).exit_code == 0);
    CHECK(server.log().size() == most_bytes);
    CHECK(local.curl(right).exit_code == 0);
    server.signal(SIGTERM);
    CHECK(server.wait() == 0);
}
