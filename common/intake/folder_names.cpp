#include "intake/folder_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

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

// Without the escapes of mox-export, "%" and two lower-case digits, which are those of Dovecot's
// mailbox_list_storage_escape_char = %. A name with any other "%" has none.
std::string unescaped(const std::string& name) {
    std::string plain;
    for (std::size_t i = 0; i < name.size(); ++i) {
        plain += name[i];
        if (name[i] != '%') continue;
        const auto digits = std::string_view(name).substr(i + 1, 2);
        const auto byte = from_hex(digits);
        if (!byte || byte->size() != 1 || digits != ascii_lower(digits)) return name;
        const char c = byte->front();
        if (c < ' ' || c > '~' || c == '/') return name;
        plain.back() = c;
        i += digits.size();
    }
    return plain;
}

std::string decoded(std::string_view name) {
    if (name.find('&') == std::string_view::npos) return unescaped(std::string(name));
    return unescaped(from_modified_utf7(name).value_or(std::string(name)));
}

FolderName maildir_plus_name(std::string_view folder) {
    FolderName parts = maildir_plus_parts(folder);
    for (auto& part : parts) part = unescaped(part);
    return parts;
}

}  // namespace

FolderName parts_of_folder(std::string_view folder) {
    if (folder.starts_with('.')) return maildir_plus_name(folder);
    return {decoded(without_extension(folder, {".sbd", ".mbox"}))};
}

FolderName parts_of_mbox(std::string_view file) {
    if (file == "mbox") return {};
    return {decoded(without_extension(file, {".mbox", ".mbx"}))};
}

std::vector<FolderName> parts_of_subscription(std::string_view line, bool in_maildir) {
    std::vector<FolderName> names{maildir_plus_name('.' + std::string(line))};
    if (in_maildir) return names;
    FolderName parts;
    while (!line.empty()) {
        const auto end = std::min(line.find('/'), line.size());
        if (end > 0) parts.push_back(decoded(line.substr(0, end)));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    names.push_back(std::move(parts));
    return names;
}

FolderName joined(const FolderName& parent, const FolderName& parts) {
    FolderName all = parent;
    all.insert(all.end(), parts.begin(), parts.end());
    return all;
}

bool starts_like_mbox(std::string_view start) {
    const auto first = start.find_first_not_of("\r\n");
    return first != std::string_view::npos && start.substr(first).starts_with("From ");
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
    return has_extension(folder, ".mozmsgs") || folder == "__MACOSX";
}

bool may_be_empty_mbox(std::string_view file) {
    return file.find('.') == std::string_view::npos || has_extension(file, ".mbox") || has_extension(file, ".mbx");
}

}  // namespace mox::intake
