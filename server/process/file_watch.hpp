#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/fd.hpp"

namespace mox::process {

// Notices that a file was replaced or rewritten.
class FileWatch {
public:
    explicit FileWatch(std::filesystem::path file);

    // Readable when it is time to ask. -1: this system does not tell, ask every second.
    [[nodiscard]] int fd() const { return fd_.get(); }
    // Whether the file is another one than at the last call, or has other contents. False while it is not there.
    [[nodiscard]] bool changed();

private:
    struct State {
        ino_t inode = 0;
        std::int64_t size = 0, seconds = 0, nanoseconds = 0;
        bool operator==(const State&) const = default;
    };
    [[nodiscard]] std::optional<State> look() const;
    // Of each system: begins to watch the folder; takes what was noted so far.
    [[nodiscard]] static UniqueFd begin(const std::filesystem::path& folder);
    static void forget_events(int fd);

    std::filesystem::path file_;
    UniqueFd fd_;
    std::optional<State> last_;
};

}  // namespace mox::process
