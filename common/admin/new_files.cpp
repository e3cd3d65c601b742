#include "admin/new_files.hpp"

#include <unistd.h>

#include <system_error>

namespace mox::admin {

namespace fs = std::filesystem;

NewFiles::~NewFiles() {
    std::error_code ignored;
    for (const auto& tree : trees_) fs::remove_all(tree, ignored);
    for (const auto& file : files_) ::unlink(file.c_str());
    for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory)
        ::rmdir(directory->c_str());
}

void NewFiles::write(const fs::path& file, std::string_view contents, const Ownership& ownership) {
    const UniqueFd fd = create_file(file, ownership);
    files_.push_back(file);
    write_all(fd.get(), contents, file);
    sync_file(fd.get(), file);
    sync_directory(file.has_parent_path() ? file.parent_path() : fs::path("."));
}

void NewFiles::make_directories(const fs::path& directory, const Ownership& ownership) {
    if (directory.empty() || directory_exists(directory)) return;
    if (directory.has_parent_path() && directory.parent_path() != directory)
        make_directories(directory.parent_path(), ownership);
    if (mox::make_directory(directory, ownership)) directories_.push_back(directory);
    sync_directory(directory.has_parent_path() ? directory.parent_path() : fs::path("."));
}

void NewFiles::add_tree(const fs::path& directory) {
    trees_.push_back(directory);
}

void NewFiles::keep() {
    files_.clear();
    directories_.clear();
    trees_.clear();
}

}  // namespace mox::admin
