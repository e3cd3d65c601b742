#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

// A complete server on addresses of this host alone, to try and to test with.

namespace mox::local {

struct Options {
    std::filesystem::path directory;
    std::string ip;                    // to listen on; empty: 127.0.0.1, and ::1 where there is IPv6
    std::uint16_t port_offset = 1000;  // added to the usual ports
};

struct Installation {
    std::filesystem::path config_file, certificate_file;
    bool is_new = false;
};

// Not secrets: they are in the manual page.
inline constexpr std::string_view account_address = "mox@localhost", account_password = "moxmoxmox";
inline constexpr std::string_view admin_password = "moxadmin";

// What --dir is by default: below the user's folder for configuration; for root a folder that the server's user can
// reach.
[[nodiscard]] std::filesystem::path default_directory();

// Makes the installation, all of it or nothing, or uses the one that is there as it is (its ports are those it was made
// with). Throws Error{failed} when the directory holds something else.
[[nodiscard]] Installation prepare(const Options& options);

}  // namespace mox::local
