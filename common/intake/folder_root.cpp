#include "intake/folder_root.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/encoding.hpp"

namespace mox::intake {

namespace {

bool is_wrapper(std::string_view part) {
    constexpr std::array<std::string_view, 6> wrappers{"maildir", ".maildir",      "mail",
                                                       "takeout", "local folders", "mails"};
    return std::find(wrappers.begin(), wrappers.end(), ascii_lower(part)) != wrappers.end();
}

// Of how many parts all names start with the same.
std::size_t common_parts(const std::vector<FolderName>& names) {
    std::size_t common = names.empty() ? 0 : names[0].size();
    for (const auto& name : names) {
        const auto end = name.begin() + static_cast<std::ptrdiff_t>(std::min(common, name.size()));
        common = static_cast<std::size_t>(std::mismatch(name.begin(), end, names[0].begin()).first - name.begin());
    }
    return common;
}

}  // namespace

std::size_t parts_before_root(const FolderPlaces& places) {
    const auto& names = places.folders;
    const std::size_t common = common_parts(names);
    if (common == 0) return 0;
    const auto holds_all = [&](const FolderName& folder) {
        return folder.size() <= common && std::equal(folder.begin(), folder.end(), names[0].begin());
    };
    std::size_t parts = common;
    bool has_list = false;
    for (const auto& folder : places.with_lists) {
        if (!holds_all(folder)) continue;
        has_list = true;
        parts = std::min(parts, folder.size());
    }
    if (has_list) return parts;
    parts = 0;
    for (const auto& folder : places.with_children)
        if (holds_all(folder)) parts = std::max(parts, folder.size());
    for (std::size_t i = parts; i < common; ++i)
        if (is_wrapper(names[0][i])) parts = i + 1;
    return parts;
}

}  // namespace mox::intake
