#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/file.hpp"

namespace mox::admin {

// Files that were made for a change; they go again unless keep() is called.
class NewFiles {
public:
    NewFiles() = default;
    NewFiles(const NewFiles&) = delete;
    NewFiles& operator=(const NewFiles&) = delete;
    ~NewFiles();
    // A new file with these contents, durable; it must not exist.
    void write(const std::filesystem::path& file, std::string_view contents, const Ownership& ownership);
    // A directory and its missing parents.
    void make_directories(const std::filesystem::path& directory, const Ownership& ownership);
    // For what somebody else made below a directory of ours.
    void add_tree(const std::filesystem::path& directory);
    void keep();

private:
    std::vector<std::filesystem::path> files_, directories_, trees_;
};

}  // namespace mox::admin
