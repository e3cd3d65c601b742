#pragma once

#include <filesystem>
#include <string_view>

#include "base/fd.hpp"

namespace mox::outlet {

// What the name of an export has at its end while it is not complete.
inline constexpr std::string_view partial_suffix = ".mox-partial";

// A new file or folder that is written under the name "<target>.mox-partial" and gets its own in one step, when it is
// complete and on disk; an existing target is never replaced. Without commit() nothing stays. What a killed run left is
// taken over: the lock on it tells that nobody works on it. Private to its owner (modes 0600 and 0700).
class Staging {
public:
    enum class Kind { file, folder };

    // Errc::failed when `target` exists, Errc::not_found when its parent does not, Errc::locked when another run works
    // on it.
    Staging(const std::filesystem::path& target, Kind kind);
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    ~Staging();

    // Checks what the constructor would, and changes nothing.
    static void require_usable(const std::filesystem::path& target);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // One more descriptor of the file, for writing.
    [[nodiscard]] UniqueFd file() const;
    void commit();

private:
    void take();
    void remove(const std::filesystem::path& path) const noexcept;

    std::filesystem::path target_, path_;
    Kind kind_;
    UniqueFd fd_;  // locked
    bool ours_ = false;
};

}  // namespace mox::outlet
