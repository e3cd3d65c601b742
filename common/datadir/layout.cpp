#include "datadir/layout.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "base/version.hpp"
#include "datadir/restoring.hpp"

namespace mox::datadir {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view folder_digits = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
static_assert(folder_digits.size() == 64);

std::vector<fs::path> database_candidates(const Layout& layout) {
    std::vector<fs::path> paths{
        layout.queue_db(),   layout.auth_db(),        layout.dmarc_reports_db(), layout.dmarc_evaluations_db(),
        layout.mta_sts_db(), layout.tls_reports_db(), layout.tls_results_db()};
    for (const auto& name : account_names(layout)) paths.push_back(layout.account_db(name));
    return paths;
}

}  // namespace

std::string message_folder(std::int64_t id) {
    std::string folder;
    auto rest = static_cast<std::uint64_t>(id) / ids_per_folder;
    do {
        folder += folder_digits[rest % 64];
        rest /= 64;
    } while (rest > 0);
    return folder;
}

std::string message_path(std::int64_t id) {
    return message_folder(id) + "/" + std::to_string(id);
}

std::optional<std::int64_t> message_id_of(std::string_view folder, std::string_view name) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc() || end != name.data() + name.size() || id <= 0) return std::nullopt;
    if (std::to_string(id) != name || message_folder(id) != folder) return std::nullopt;
    return id;
}

std::optional<std::int64_t> first_id_of(std::string_view folder) {
    constexpr std::int64_t folders = (std::int64_t{1} << 50);  // of 63 bits an id has, 13 count within a folder
    std::int64_t number = 0;
    for (auto c = folder.rbegin(); c != folder.rend(); ++c) {
        const auto digit = folder_digits.find(*c);
        if (digit == std::string_view::npos) return std::nullopt;
        number = number * 64 + static_cast<std::int64_t>(digit);
        if (number >= folders) return std::nullopt;
    }
    const std::int64_t id = number * ids_per_folder;
    if (folder.empty() || message_folder(id) != folder) return std::nullopt;
    return id;
}

std::string_view account_name_problem(std::string_view name) {
    if (name.empty()) return "empty";
    if (name == "." || name == "..") return "not a name for a folder";
    if (name.size() > 200) return "longer than 200 bytes";
    if (!is_utf8(name)) return "not UTF-8";
    for (const char c : name)
        if (c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "has a slash or a control character";
    return {};
}

std::string Layout::relative(const fs::path& path) const {
    const auto result = path.lexically_relative(root_);
    return result.empty() || *result.begin() == ".." ? path.native() : result.native();
}

Format detect_format(const fs::path& root) {
    if (!directory_exists(root)) throw Error(Errc::not_found, "no directory " + quote(root.native()));
    const Layout layout(root);
    bool any_file = false;
    for_each_entry(root, [&](const DirectoryEntry&) { any_file = true; });
    if (!any_file) return Format::empty;
    for (const auto& path : database_candidates(layout)) {
        const auto status = status_of(path);
        if (!status || !S_ISREG(status->st_mode)) continue;
        const DatabaseFile kind = kind_of_database(path);
        if (kind == DatabaseFile::sqlite) return Format::ours;
        if (kind == DatabaseFile::bolt) return Format::original;
    }
    // A directory whose databases are all damaged or gone is still ours to verify.
    return directory_exists(layout.accounts()) || status_of(layout.version_file()) ? Format::ours : Format::other;
}

Layout open(const fs::path& root) {
    if (status_of(root / restoring_name))
        throw Error(Errc::unknown_format, quote(root.native()) + " is not completely restored",
                    "run mox-restore to it again, from the beginning");
    switch (detect_format(root)) {
        case Format::ours:
            return Layout(root);
        case Format::original:
            throw Error(Errc::unknown_format, quote(root.native()) + " is a data directory of the original mox",
                        "convert it first");
        case Format::empty:
        case Format::other:
            break;
    }
    throw Error(Errc::unknown_format, quote(root.native()) + " is not a data directory",
                "a data directory has a folder 'accounts'; mox-gentestdata makes one to try");
}

Layout create(const fs::path& root) {
    if (status_of(root)) {
        if (detect_format(root) != Format::empty)
            throw Error(Errc::failed, quote(root.native()) + " exists and is not empty");
    } else {
        make_directory(root);
        sync_directory(root.has_parent_path() ? root.parent_path() : fs::path("."));
    }
    const Layout layout(root);
    const Ownership ownership = ownership_of(root);
    for (const auto& folder : {layout.accounts(), layout.queue(), layout.tmp(), layout.locks()})
        make_directory(folder, ownership);
    write_version(layout);
    sync_directory(root);
    return layout;
}

Ownership ownership_of(const fs::path& root) {
    const auto status = status_of(root);
    if (!status) throw Error(Errc::not_found, "no directory " + quote(root.native()));
    const mode_t mode = status->st_mode & 0770;
    return {.user = status->st_uid,
            .group = status->st_gid,
            .file_mode = static_cast<mode_t>(mode & 0660) | 0600,
            .directory_mode = static_cast<mode_t>(mode | 0700)};
}

std::vector<std::string> account_names(const Layout& layout) {
    std::vector<std::string> names;
    if (!directory_exists(layout.accounts())) return names;
    for (const auto& entry : list_directory(layout.accounts()))
        if (directory_exists(layout.accounts() / entry.name)) names.push_back(entry.name);
    return names;
}

std::optional<std::string> read_version(const Layout& layout) {
    const auto status = status_of(layout.version_file());
    if (!status) return std::nullopt;
    return std::string(trimmed(read_file(layout.version_file(), 1000)));
}

void write_version(const Layout& layout) {
    AtomicFile file(layout.version_file(), ownership_of(layout.root()));
    file.write(program_version());
    file.commit();
}

}  // namespace mox::datadir
