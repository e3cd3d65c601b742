#include "intake/folder_scan.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "intake/dovecot_files.hpp"
#include "intake/folder_root.hpp"
#include "intake/regular_file.hpp"
#include "intake/source.hpp"

namespace mox::intake {

namespace fs = std::filesystem;

namespace {

// Deeper ones are no mailboxes of anybody, and every level takes stack.
constexpr std::size_t deepest = 200;
constexpr std::size_t max_subscriptions_bytes = 16U << 20U;

// What is of interest in a folder, sorted by name.
struct Contents {
    std::vector<std::string> folders, files;
    bool has_cur = false, has_new = false;
    std::uint64_t eml_files = 0;
    [[nodiscard]] bool is_maildir() const { return has_cur || has_new; }
};

// Without those whose names start with a dot; what cannot be listed has none, and is named when it is read.
std::uint64_t count_entries(const fs::path& folder) try {
    std::uint64_t count = 0;
    for_each_entry(folder, [&](const DirectoryEntry& entry) {
        check_interrupt();
        if (!entry.name.starts_with('.')) ++count;
    });
    return count;
} catch (const Error& error) {
    if (error.code() == Errc::interrupted) throw;
    return 0;
}

class Scan {
public:
    Scan(FoundFolders& found, Warnings& warnings) : found_(found), warnings_(warnings) {}

    void visit(const fs::path& path, const FolderName& name, std::size_t depth);
    void drop_parts_before_root();

private:
    void add_maildir(const fs::path& path, const FolderName& name, const Contents& contents);
    Contents list(const fs::path& path);
    void visit_folders(const fs::path& path, const FolderName& name, const Contents& contents, std::size_t depth);
    void visit_files(const fs::path& path, const FolderName& name, const Contents& contents);
    void apply_subscriptions(const fs::path& file, const FolderName& name, bool in_maildir, std::size_t first);
    bool is_maildir(const fs::path& path) { return directory_exists(path / "cur") || directory_exists(path / "new"); }
    void skipped(const fs::path& path, std::string_view why) {
        warnings_.add(WarningKind::skipped, escaped(path.native()) + ": " + std::string(why) + ", skipped");
    }

    FoundFolders& found_;
    Warnings& warnings_;
    FolderPlaces places_;
};

Contents Scan::list(const fs::path& path) {
    Contents contents;
    for_each_entry(path, [&](const DirectoryEntry& entry) {
        check_interrupt();
        auto type = entry.type;
        if (type == DT_UNKNOWN) {
            const auto status = status_of(path / entry.name);
            if (!status) return;
            type = S_ISDIR(status->st_mode)   ? DT_DIR
                   : S_ISREG(status->st_mode) ? DT_REG
                   : S_ISLNK(status->st_mode) ? DT_LNK
                                              : DT_UNKNOWN;
        }
        if (type == DT_LNK) return skipped(path / entry.name, "a symbolic link");
        if (type == DT_DIR) {
            contents.has_cur = contents.has_cur || entry.name == "cur";
            contents.has_new = contents.has_new || entry.name == "new";
            contents.folders.push_back(entry.name);
        } else if (is_eml_name(entry.name)) {
            ++contents.eml_files;
        } else {
            contents.files.push_back(entry.name);
        }
    });
    std::sort(contents.folders.begin(), contents.folders.end());
    std::sort(contents.files.begin(), contents.files.end());
    return contents;
}

void Scan::visit(const fs::path& path, const FolderName& name, std::size_t depth) {
    if (depth > deepest) return skipped(path, "nested too deep");
    Contents contents;
    try {
        contents = list(path);
    } catch (const Error& error) {  // one folder that cannot be read must not stop the rest
        if (depth == 0 || error.code() == Errc::interrupted) throw;
        found_.folders.push_back({.path = path, .name = name, .problem = error.what()});
        return;
    }
    const std::size_t first = found_.folders.size();
    if (contents.is_maildir()) add_maildir(path, name, contents);
    if (contents.eml_files > 0) {
        found_.folders.push_back({.kind = FolderKind::eml, .path = path, .name = name, .messages = contents.eml_files});
        places_.folders.push_back(name);
    }
    visit_files(path, name, contents);
    visit_folders(path, name, contents, depth);
    if (std::find(contents.files.begin(), contents.files.end(), "subscriptions") != contents.files.end())
        apply_subscriptions(path / "subscriptions", name, contents.is_maildir(), first);
}

void Scan::add_maildir(const fs::path& path, const FolderName& name, const Contents& contents) {
    FoundFolder folder{.kind = FolderKind::maildir, .path = path, .name = name};
    if (contents.has_cur) folder.messages += count_entries(path / "cur");
    if (contents.has_new) folder.messages += count_entries(path / "new");
    found_.folders.push_back(std::move(folder));
    places_.folders.push_back(name);
}

void Scan::visit_folders(const fs::path& path, const FolderName& name, const Contents& contents, std::size_t depth) {
    bool has_children = false;
    for (const auto& folder : contents.folders) {
        if (contents.is_maildir() && (folder == "cur" || folder == "new" || folder == "tmp")) continue;
        if (is_skipped_folder(folder)) continue;
        const FolderName child = joined(name, parts_of_folder(folder));
        if (!folder.starts_with('.')) {
            visit(path / folder, child, depth + 1);
        } else if (child.size() > name.size() && is_maildir(path / folder)) {
            if (contents.is_maildir()) has_children = true;
            found_.has_maildir_plus = true;
            visit(path / folder, child, depth + 1);
        }
    }
    if (has_children) places_.with_children.push_back(name);
}

void Scan::visit_files(const fs::path& path, const FolderName& name, const Contents& contents) {
    for (const auto& file : contents.files) {
        if (is_bookkeeping(file)) continue;
        const fs::path file_path = path / file;
        const auto opened = open_regular_file(AT_FDCWD, file_path.native(), escaped(file_path.native()));
        if (opened.failure) {
            if (opened.failure->kind == FailureKind::unreadable)
                found_.folders.push_back(
                    {.path = file_path, .name = joined(name, parts_of_mbox(file)), .problem = opened.failure->reason});
            else
                skipped(file_path, "no regular file");
            continue;
        }
        std::string start(mbox_start_bytes, '\0');
        start.resize(read_full(opened.fd.get(), std::as_writable_bytes(std::span(start)), file_path));
        if (!starts_like_mbox(start) && !(start.empty() && may_be_empty_mbox(file))) {
            skipped(file_path, "not a form of mail that is known");
            continue;
        }
        struct stat status = {};
        (void)::fstat(opened.fd.get(), &status);
        found_.folders.push_back({.kind = FolderKind::mbox,
                                  .path = file_path,
                                  .name = joined(name, parts_of_mbox(file)),
                                  .bytes = static_cast<std::uint64_t>(status.st_size)});
        places_.folders.push_back(name);
    }
}

// Marks what is not subscribed among the folders found since `first`, which are in the folder called `name`. Names in
// the file are relative to it.
void Scan::apply_subscriptions(const fs::path& file, const FolderName& name, bool in_maildir, std::size_t first) try {
    places_.with_lists.push_back(name);
    std::set<FolderName> subscribed;
    for (const auto& line : parse_subscriptions(read_file(file, max_subscriptions_bytes)))
        for (auto& parts : parts_of_subscription(line, in_maildir)) subscribed.insert(std::move(parts));
    const std::size_t base = name.size();
    for (std::size_t i = first; i < found_.folders.size(); ++i) {
        auto& folder = found_.folders[i];
        if (folder.name.size() <= base) continue;  // the inbox
        folder.subscribed =
            subscribed.contains(FolderName(folder.name.begin() + static_cast<std::ptrdiff_t>(base), folder.name.end()));
    }
} catch (const Error& error) {
    if (error.code() == Errc::interrupted) throw;
    warnings_.add(WarningKind::folder_metadata, error.what());
}

void Scan::drop_parts_before_root() {
    const auto count = static_cast<std::ptrdiff_t>(parts_before_root(places_));
    for (auto& folder : found_.folders) {
        const auto end = std::min(folder.name.begin() + count, folder.name.end());
        folder.name.erase(folder.name.begin(), end);
    }
}

}  // namespace

FoundFolders find_folders(const fs::path& path, Warnings& warnings) {
    FoundFolders found;
    Scan scan(found, warnings);
    scan.visit(path, {}, 0);
    scan.drop_parts_before_root();
    return found;
}

}  // namespace mox::intake
