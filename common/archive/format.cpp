#include "archive/format.hpp"

#include <array>

#include "base/encoding.hpp"

namespace mox::archive {

namespace {

struct Name {
    std::string_view text;
    Format format;
};
constexpr std::array names{
    Name{"tar.zst", Format::tar_zstd}, Name{"tar.gz", Format::tar_gzip}, Name{"tar", Format::tar},
    Name{"tzst", Format::tar_zstd},    Name{"tgz", Format::tar_gzip},
};

}  // namespace

std::string_view to_string(Format format) {
    for (const auto& name : names)
        if (name.format == format) return name.text;
    return "?";
}

std::optional<Format> format_named(std::string_view text) {
    for (const auto& name : names)
        if (name.text == text) return name.format;
    return std::nullopt;
}

std::optional<Format> format_of(std::string_view file_name) {
    const std::string lower = ascii_lower(file_name);
    for (const auto& name : names)
        if (lower.size() > name.text.size() + 1 && lower.ends_with("." + std::string(name.text))) return name.format;
    return std::nullopt;
}

std::string_view path_problem(std::string_view path) {
    if (path.starts_with('/')) return "is an absolute path";
    if (path.size() > 4096) return "is longer than 4096 bytes";
    if (path.find('\0') != std::string_view::npos) return "has a NUL";
    while (true) {
        const auto slash = path.find('/');
        const auto part = path.substr(0, slash);
        if (part == "..") return "has '..' in it";
        if (part.empty() || part == ".") return "has an empty part, or '.'";
        if (slash == std::string_view::npos) return {};
        path.remove_prefix(slash + 1);
    }
}

}  // namespace mox::archive
