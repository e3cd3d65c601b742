#include "journal/scratch.hpp"

#include <set>
#include <string>

#include "base/file.hpp"
#include "datadir/lock.hpp"

namespace mox::journal {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t token_size = 32;

}  // namespace

fs::path scratch_file(const datadir::Layout& layout, std::string_view token, std::string_view extension) {
    return layout.tmp() / ("scratch-" + std::string(token) + std::string(extension));
}

void remove_scratch_files(const datadir::Layout& layout, std::string_view token) {
    if (!directory_exists(layout.tmp())) return;
    const std::string prefix = scratch_file(layout, token, "").filename();
    for (const auto& entry : list_directory(layout.tmp()))
        if (entry.name.starts_with(prefix)) remove_file(layout.tmp() / entry.name);
}

// Those of reservations in a journal, and of processes that were killed before they wrote there. A token is in its lock
// file before anything is named after it.
void remove_dead_scratch_files(const datadir::Layout& layout) {
    if (!directory_exists(layout.tmp())) return;
    const std::string prefix = scratch_file(layout, "", "").filename();
    std::set<std::string> tokens;
    for_each_entry(layout.tmp(), [&](const DirectoryEntry& entry) {
        if (entry.name.starts_with(prefix) && entry.name.size() >= prefix.size() + token_size)
            tokens.insert(entry.name.substr(prefix.size(), token_size));
    });
    for (const auto& token : tokens)
        if (!datadir::is_reservation_alive(layout, token)) remove_scratch_files(layout, token);
}

}  // namespace mox::journal
