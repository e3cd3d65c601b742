#include "tools/shared/siblings.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

namespace mox::tools {

namespace {

namespace fs = std::filesystem;

bool is_program(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

std::optional<fs::path> find_in_path(std::string_view name) {
    const char* path = std::getenv("PATH");
    std::string_view rest = path != nullptr ? path : "";
    while (!rest.empty()) {
        const std::string_view folder = rest.substr(0, rest.find(':'));
        rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
        if (folder.starts_with('/') && is_program(fs::path(folder) / name)) return fs::path(folder) / name;
    }
    return std::nullopt;
}

// Where the system tells (Linux, NetBSD), the executable itself; else what the shell ran.
std::optional<fs::path> own_executable(std::string_view argv0) {
    for (const char* link : {"/proc/self/exe", "/proc/curproc/exe"}) {
        std::error_code error;
        const fs::path target = fs::read_symlink(link, error);
        if (!error) return target;
    }
    const auto started =
        argv0.find('/') != std::string_view::npos ? std::optional(fs::path(argv0)) : find_in_path(argv0);
    if (!started) return std::nullopt;
    std::error_code error;
    const fs::path real = fs::canonical(*started, error);
    return error ? std::nullopt : std::optional(real);
}

}  // namespace

std::optional<fs::path> find_program(std::string_view name, std::string_view argv0) {
    if (name.find('/') != std::string_view::npos) return std::nullopt;
    if (const auto self = own_executable(argv0); self && is_program(self->parent_path() / name))
        return self->parent_path() / name;
    return find_in_path(name);
}

}  // namespace mox::tools
