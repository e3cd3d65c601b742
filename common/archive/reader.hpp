#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "archive/format.hpp"
#include "base/fd.hpp"

namespace mox::archive {

enum class Accept {
    tar,         // tar, plain or compressed with gzip, bzip2, xz or zstd
    tar_or_zip,  // zip as well, best from a file: its directory is at its end
};

// What a reader refuses to go beyond (Errc::corrupt), so that a small file cannot become endless work.
struct Limits {
    std::uint64_t most_members = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t most_bytes = std::numeric_limits<std::uint64_t>::max();  // of all contents that are read
    // Unpacked bytes for each byte of the archive, once more than 16 MiB were unpacked. Mail packs to a tenth or so.
    std::uint64_t most_expansion = std::numeric_limits<std::uint64_t>::max();
};

// An archive, member after member, in constant memory; nothing is written to disk.
//
// Names are given as they are: whoever unpacks asks path_problem(). One thread at a time. Throws Error{corrupt} naming
// the archive and the member for what is damaged, cut off (a tar without its end mark is, and a zip file without its
// directory), followed by something else, encrypted (when its contents are read) or beyond a limit;
// Error{unknown_format} for a file that is no archive; Error{failed} for I/O; Interrupted. After that only destruction
// is allowed.
class Reader {
public:
    // Reads `fd` from its current position; `name` stands for it in messages.
    Reader(UniqueFd fd, std::string name, Accept accept = Accept::tar, const Limits& limits = {});
    ~Reader();
    Reader(Reader&&) noexcept;
    Reader& operator=(Reader&&) = delete;

    // The next member; what is left of the current one's contents is skipped. nullopt at the proper end.
    [[nodiscard]] std::optional<Member> next();
    // Contents of the current member: fills the start of the buffer, completely unless the end comes first; 0 only at
    // the end.
    [[nodiscard]] std::size_t read(std::span<std::byte> buffer);

    // Of the archive itself; the total is known for regular files.
    [[nodiscard]] std::uint64_t bytes_read() const;
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

// Opens a file, or standard input for "-". Errc::not_found when there is none. FIFOs are fine.
[[nodiscard]] Reader open_archive(const std::filesystem::path& path, Accept accept = Accept::tar,
                                  const Limits& limits = {});

}  // namespace mox::archive
