#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "server/net/address.hpp"
#include "server/net/bind.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

inline const std::string mox_program = MOX_BIN "/mox";

// A folder that other users can enter, as the server of root is another.
inline std::filesystem::path reachable(const TempDir& folder) {
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    return folder.path();
}

// What to add to the usual ports of IMAP so that both are free.
inline int free_port_offset() {
    for (;;) {
        const UniqueFd any = net::listen_tcp({"127.0.0.1", 0});
        const int offset = net::local_endpoint(any.get())->port - 143;
        if (offset < 2000 || offset > 60'000) continue;
        try {
            (void)net::listen_tcp({"127.0.0.1", static_cast<std::uint16_t>(993 + offset)});
            return offset;
        } catch (const Error&) {
            continue;
        }
    }
}

// A program that runs until it is told to end. Its two streams go into one file. `before_exec` changes what it may do.
class ServerProcess {
public:
    explicit ServerProcess(const std::vector<std::string>& words, const std::string& directory = "/",
                           const std::function<bool()>& before_exec = nullptr) {
        std::string command = "cd " + shell_word(directory) + " && exec";
        for (const auto& word : words) command += " " + shell_word(word);
        command += " </dev/null >" + shell_word(log_file().string()) + " 2>&1";
        process_ = ::fork();
        if (process_ < 0) throw std::runtime_error("fork");
        if (process_ == 0) {
            // Whoever gives up root cannot be looked into, which the leak check would want.
            ::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
            if (before_exec && !before_exec()) ::_exit(126);
            ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
            ::_exit(127);
        }
    }
    ~ServerProcess() {
        if (process_ > 0) {
            ::kill(process_, SIGKILL);
            (void)wait();
        }
        // A report of a sanitizer fails whatever test it happened in.
        const std::string all = log();
        if (all.find("Sanitizer: ") == std::string::npos && all.find("runtime error: ") == std::string::npos) return;
        std::fputs(all.c_str(), stderr);
        std::abort();
    }
    [[nodiscard]] pid_t process() const { return process_; }
    [[nodiscard]] std::string log() const { return status_of(log_file()) ? read_file(log_file()) : ""; }
    void signal(int number) const { ::kill(process_, number); }
    // 128 + n after signal n.
    int wait() {
        int status = 0;
        ::waitpid(process_, &status, 0);
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    // Until `text` is in the log `times` times. False when the program ended before, or after a minute, as a test that
    // hangs tells nothing.
    [[nodiscard]] bool says(const std::string& text, int times = 1) {
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
        while (std::chrono::steady_clock::now() < give_up) {
            const bool has_ended = ::kill(process_, 0) != 0 || has_exited();
            const std::string so_far = log();
            int found = 0;
            for (auto at = so_far.find(text); at != std::string::npos; at = so_far.find(text, at + 1)) ++found;
            if (found >= times) return true;
            if (has_ended) return false;
            (void)::poll(nullptr, 0, 5);
        }
        return false;
    }

private:
    [[nodiscard]] std::filesystem::path log_file() const { return files_ / "log"; }
    [[nodiscard]] bool has_exited() const {
        siginfo_t info{};
        return ::waitid(P_PID, static_cast<id_t>(process_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == process_;
    }
    TempDir files_;
    pid_t process_ = 0;
};

// A server of localserve in a folder of its own, on free ports.
class LocalServer {
public:
    LocalServer() : folder_(reachable(files_) / "try"), offset_(free_port_offset()) { start(); }
    void start() {
        server.reset();
        server = std::make_unique<ServerProcess>(std::vector<std::string>{mox_program, "localserve", "--dir",
                                                                          folder_.string(), "--ip", "127.0.0.1",
                                                                          "--port-offset", std::to_string(offset_)});
    }
    [[nodiscard]] bool is_ready() { return server->says("ready to serve"); }
    [[nodiscard]] std::string imap_port() const { return std::to_string(143 + offset_); }
    [[nodiscard]] std::string imaps_port() const { return std::to_string(993 + offset_); }
    [[nodiscard]] std::filesystem::path config() const { return folder_ / "config" / "mox.conf"; }
    [[nodiscard]] std::filesystem::path domains() const { return folder_ / "config" / "domains.conf"; }
    [[nodiscard]] std::filesystem::path certificate() const { return folder_ / "config" / "localhost.crt"; }
    [[nodiscard]] std::filesystem::path key() const { return folder_ / "config" / "localhost.key"; }
    [[nodiscard]] std::filesystem::path data() const { return folder_ / "data"; }
    [[nodiscard]] ProgramRun mox(std::vector<std::string> words) const {
        words.insert(words.begin(), mox_program);
        words.insert(words.end(), {"-c", config().string()});
        return run_program(words);
    }
    // What a client gets that logs in by curl.
    [[nodiscard]] ProgramRun curl(const std::string& user_and_password) const {
        return run_program({"curl", "-sv", "--max-time", "20", "imap://127.0.0.1:" + imap_port() + "/", "-X", "NOOP",
                            "-u", user_and_password});
    }

    std::unique_ptr<ServerProcess> server;

private:
    TempDir files_;
    std::filesystem::path folder_;
    int offset_;
};

}  // namespace mox::test
