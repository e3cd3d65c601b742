#include "server/process/user.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::process {

namespace {

User by_number(const std::string& name) {
    std::uint32_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [stopped, error] = std::from_chars(name.data(), end, number);
    if (stopped != end || error != std::errc() || number == UINT32_MAX)
        throw Error(Errc::not_found, "there is no user " + quote(name) + ", which mox.conf names",
                    "add one (useradd -d / " + name + "), or write a number for User");
    return {.user = number, .group = number, .name = name};
}

}  // namespace

User find_user(const std::string& name) {
    std::array<char, 16'384> buffer{};
    struct passwd entry = {}, *found = nullptr;
    const bool is_known = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found;
    const User user = is_known ? User{.user = found->pw_uid, .group = found->pw_gid, .name = name} : by_number(name);
    if (user.user == 0)
        throw Error(Errc::failed, "the server does not serve as root", "name another user for User in mox.conf");
    return user;
}

User current_user() {
    return {.user = ::geteuid(), .group = ::getegid(), .name = std::to_string(::geteuid())};
}

}  // namespace mox::process
