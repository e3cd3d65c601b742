#include "tools/shared/unit.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::tools {

namespace fs = std::filesystem;

namespace {

// Everything that a server of mail and web pages does not need is taken from it. PrivateUsers stays away: ports below
// 1024 are bound. With RestrictSUIDSGID a folder keeps its set-group-ID bit, but cannot be given one
// (server/process/permissions.hpp).
constexpr std::string_view text = R"unit([Unit]
Description=mox mail server
Documentation=man:mox(8)
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=main
WorkingDirectory={directory}
{user}ExecStart={as_root}{program} serve
ExecStop={program} stop
ExecReload=/bin/kill -HUP $MAINPID
Restart=always
RestartSec=5s
UMask=0077
LimitNOFILE=65535

# Started as root: it reads keys, repairs permissions, binds its ports, and becomes the user of mox.conf for good. Stop
# and reload are that user's from the beginning.
CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_NET_BIND_SERVICE CAP_CHOWN CAP_FSETID CAP_FOWNER CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
AmbientCapabilities=
NoNewPrivileges=yes
ReadWritePaths={config} {data}
ProtectSystem=strict
ProtectHome={protect_home}
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateTmp=yes
PrivateMounts=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# Every address of one host, no multicast.
IPAddressAllow=0.0.0.0/1 128.0.0.0/2 192.0.0.0/3 ::/3 2000::/3 fc00::/7 fe80::/10
IPAddressDeny=any
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@resources @keyring
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target)unit";

void require_nameable(const fs::path& path) {
    const std::string& name = path.native();
    const bool has_control =
        std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (has_control || !is_utf8(name))
        throw Error(Errc::usage, "path " + quote(name) + " cannot be named in a unit",
                    "put the installation into a folder with a plain name");
}

// Specifiers begin with a percent sign in every value.
std::string without_specifiers(const fs::path& path) {
    std::string out;
    for (const char c : path.native()) out += c == '%' ? std::string("%%") : std::string(1, c);
    return out;
}

// A word of a list of words.
std::string word(const fs::path& path) {
    const std::string plain = without_specifiers(path);
    if (plain.find_first_of(" \"'\\;") == std::string::npos) return plain;
    std::string out = "\"";
    for (const char c : plain) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

// A word of a command, in which variables are replaced.
std::string command_word(const fs::path& path) {
    std::string out;
    for (const char c : word(path)) out += c == '$' ? std::string("$$") : std::string(1, c);
    return out;
}

// Below /home, /root and /run/user nothing can be seen when they are protected. `tmpfs` would hide our own folder too.
bool is_in_home(const fs::path& path) {
    for (const auto* home : {"/home/", "/root/", "/run/user/"})
        if ((path.native() + "/").starts_with(home)) return true;
    return false;
}

// systemd starts nothing for a number that nobody has; the server does.
bool is_nameable_user(const std::string& name) {
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    if (name.empty() || name.find_first_not_of(allowed) != std::string::npos || name.front() == '-') return false;
    if (name.find_first_not_of(digits) != std::string::npos) return true;
    return name.size() < 10 && ::getpwuid(static_cast<uid_t>(std::stoul(name))) != nullptr;
}

}  // namespace

std::string unit_for(const Installation& installation) {
    for (const auto* path : {&installation.directory, &installation.program, &installation.config, &installation.data})
        require_nameable(*path);
    const bool in_home = is_in_home(installation.directory) || is_in_home(installation.program) ||
                         is_in_home(installation.config) || is_in_home(installation.data);
    const std::string user = is_nameable_user(installation.user) ? installation.user : "";
    return fmt::format(text, fmt::arg("user", user.empty() ? "" : "User=" + user + "\n"),
                       fmt::arg("as_root", user.empty() ? "" : "!"),
                       fmt::arg("directory", without_specifiers(installation.directory)),
                       fmt::arg("program", command_word(installation.program)),
                       fmt::arg("config", word(installation.config)), fmt::arg("data", word(installation.data)),
                       fmt::arg("protect_home", in_home ? "read-only" : "yes")) +
           "\n";
}

}  // namespace mox::tools
