#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/file.hpp"

namespace mox::test {

// A directory for one test case, removed at its end.
class TempDir {
public:
    TempDir() : directory_(std::filesystem::temp_directory_path(), "moxtest-") {}
    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path() / name; }
    // Writes a file below the directory, making folders as needed, and returns its path.
    std::filesystem::path write(std::string_view name, std::string_view contents) const {
        const auto target = path() / name;
        std::filesystem::create_directories(target.parent_path());
        std::ofstream out(target, std::ios::binary);
        out << contents;
        out.close();
        if (!out) throw std::runtime_error("cannot write " + target.string());
        return target;
    }

private:
    TemporaryDirectory directory_;
};

}  // namespace mox::test
