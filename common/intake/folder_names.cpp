#include "intake/folder_names.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "intake/dovecot_files.hpp"

namespace mox::intake {

namespace {

bool has_extension(std::string_view name, std::string_view extension) {
    return name.size() > extension.size() &&
           equal_ignoring_case(name.substr(name.size() - extension.size()), extension);
}

std::string_view without_extension(std::string_view name, std::initializer_list<std::string_view> extensions) {
    for (const auto extension : extensions)
        if (has_extension(name, extension)) return name.substr(0, name.size() - extension.size());
    return name;
}

std::string decoded(std::string_view name) {
    if (name.find('&') == std::string_view::npos) return std::string(name);
    return from_modified_utf7(name).value_or(std::string(name));
}

}  // namespace

FolderName parts_of_folder(std::string_view folder) {
    if (folder.starts_with('.')) return maildir_plus_parts(folder);
    return {decoded(without_extension(folder, {".sbd", ".mbox"}))};
}

FolderName parts_of_mbox(std::string_view file) {
    if (file == "mbox") return {};
    return {decoded(without_extension(file, {".mbox", ".mbx"}))};
}

FolderName joined(const FolderName& parent, const FolderName& parts) {
    FolderName all = parent;
    all.insert(all.end(), parts.begin(), parts.end());
    return all;
}

bool is_bookkeeping(std::string_view file) {
    constexpr std::array<std::string_view, 9> extensions{".msf",  ".dat",    ".json", ".sqlite", ".log",
                                                         ".html", ".mozeml", ".lock", ".wdseml"};
    constexpr std::array<std::string_view, 6> names{"subscriptions", "maildirfolder", "maildirsize",
                                                    "mox-keywords",  ".DS_Store",     "errors.txt"};
    return file.starts_with("dovecot") || file.starts_with("courier") || file.starts_with('.') ||
           std::find(names.begin(), names.end(), file) != names.end() ||
           std::any_of(extensions.begin(), extensions.end(),
                       [&](std::string_view extension) { return has_extension(file, extension); });
}

bool is_skipped_folder(std::string_view folder) {
    return has_extension(folder, ".mozmsgs");
}

bool may_be_empty_mbox(std::string_view file) {
    return file.find('.') == std::string_view::npos || has_extension(file, ".mbox") || has_extension(file, ".mbx");
}

}  // namespace mox::intake
