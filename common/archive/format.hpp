#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What reader and writer share. Everything about libarchive stays in this folder.

namespace mox::archive {

// What can be written.
enum class Format { tar, tar_gzip, tar_zstd };
[[nodiscard]] std::string_view to_string(Format format);  // "tar.zst" and the like
// The reverse; nullopt for anything else.
[[nodiscard]] std::optional<Format> format_named(std::string_view name);
// By the end of a file's name: .tar, .tar.gz, .tgz, .tar.zst, .tzst; nullopt for anything else.
[[nodiscard]] std::optional<Format> format_of(std::string_view file_name);

enum class Kind { file, folder, symlink, hard_link, other };

// One member of an archive, without its contents.
struct Member {
    std::string path;  // bytes as in the archive, without "./" in front and without '/' at the end
    Kind kind = Kind::file;
    std::string link_target;                 // of both kinds of links; of a hard link in the form of `path`
    std::optional<std::int64_t> size_bytes;  // nullopt: not known before it is read (a zip that was streamed)
    mode_t mode = 0640;                      // permissions
    uid_t user = 0;
    gid_t group = 0;
    std::int64_t modified = 0;  // seconds since 1970
    bool encrypted = false;     // its contents cannot be read
};

// Why a member of this name must not be unpacked; empty when it may be: absolute, a part that is empty, "." or "..", a
// NUL, longer than 4096 bytes.
[[nodiscard]] std::string_view path_problem(std::string_view path);

}  // namespace mox::archive
