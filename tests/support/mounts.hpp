#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <utility>

namespace mox::test {

// A file system mounted for a test, seen by this process and its children alone, and gone at the end. What only root
// may mount is skipped elsewhere: nullopt, and a line on standard error saying so.
class Mounted {
public:
    Mounted(Mounted&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    Mounted& operator=(Mounted&&) = delete;
    ~Mounted();

    // An empty file system of that size, in memory.
    [[nodiscard]] static std::optional<Mounted> small(const std::filesystem::path& folder, std::size_t size_bytes);
    // The folder and all below it, not writable by anybody. Without root, by taking away the permissions of folders.
    [[nodiscard]] static std::optional<Mounted> read_only(const std::filesystem::path& folder);

private:
    explicit Mounted(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}  // namespace mox::test
