#include "intake/archive_index.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "intake/folder_names.hpp"
#include "intake/folder_root.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t max_keywords_bytes = 65536;
constexpr std::size_t max_more_keywords_bytes = 64U << 20U;
constexpr std::size_t max_subscriptions_bytes = 16U << 20U;
constexpr std::size_t piece_bytes = 65536;

struct Split {
    std::string_view folder, name;
};
Split split(std::string_view path) {
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

bool holds_messages(std::string_view folder_name) {
    return folder_name == "cur" || folder_name == "new";
}

FolderName name_of(std::string_view path) {
    FolderName name;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        name = joined(name, parts_of_folder(path.substr(0, end)));
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return name;
}

bool is_within_skipped_folder(std::string_view path) {
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        if (end < path.size() && is_skipped_folder(path.substr(0, end))) return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

// The path of the folder whose message a file is by its name: that of its maildir, or the one it is in.
std::optional<std::string_view> folder_of_message(std::string_view path) {
    const auto [folder, name] = split(path);
    const auto [parent, folder_name] = split(folder);
    if (is_within_skipped_folder(path)) return std::nullopt;
    if (holds_messages(folder_name)) return name.starts_with('.') ? std::nullopt : std::optional(parent);
    return is_eml_name(name) && folder_name != "tmp" ? std::optional(folder) : std::nullopt;
}

bool starts_with(const FolderName& name, const FolderName& root) {
    return name.size() >= root.size() && std::equal(root.begin(), root.end(), name.begin());
}

}  // namespace

std::size_t ArchiveIndex::folder_at(std::string_view path, bool is_mbox) {
    TreeFolder folder{.origin = escaped(path.empty() ? std::string_view(".") : path)};
    if (is_mbox) {
        const auto [parent, file] = split(path);
        folder.name = joined(mbox_places_.emplace_back(name_of(parent)), parts_of_mbox(file));
    } else {
        const auto known = maildirs_.find(std::string(path));
        if (known != maildirs_.end()) return known->second;
        maildirs_.emplace(path, folders_.size());
        folder.name = name_of(path);
    }
    if (folders_.size() == most_folders)
        throw Error(Errc::corrupt, "more than " + std::to_string(most_folders) + " folders of mail in one archive");
    folders_.push_back(std::move(folder));
    return folders_.size() - 1;
}

void ArchiveIndex::add_folder(std::string_view path) {
    const auto [parent, name] = split(path);
    if (holds_messages(name) && !is_within_skipped_folder(path)) (void)folder_at(parent, false);
}

// The start of a file about a folder, as far as there is room for it.
std::string ArchiveIndex::take_list(const Read& read, std::size_t limit) {
    std::string text;
    limit = std::min(limit, most_list_bytes - list_bytes_);
    while (text.size() < limit) {
        const auto piece = read(std::min(piece_bytes, limit - text.size()));
        if (piece.empty()) break;
        text += piece;
    }
    list_bytes_ += text.size();
    return text;
}

void ArchiveIndex::add_file(std::uint64_t ordinal, std::string_view path, const Read& read, Warnings& warnings) {
    const auto [folder, name] = split(path);
    const auto [parent, folder_name] = split(folder);
    if (is_within_skipped_folder(path)) return;
    if (holds_messages(folder_name)) {
        (void)folder_at(parent, false);
        if (name.starts_with('.'))
            warnings.add(WarningKind::skipped, escaped(path) + ": a name starting with a dot, skipped");
    } else if (folder_name == "tmp") {
        return;
    } else if (name == "dovecot-keywords") {
        keywords_[std::string(folder)] = take_list(read, max_keywords_bytes);
    } else if (name == keywords_overflow_file) {
        more_keywords_[std::string(folder)] = take_list(read, max_more_keywords_bytes);
    } else if (name == "subscriptions") {
        subscriptions_[std::string(folder)] = take_list(read, max_subscriptions_bytes);
    } else if (name == "dovecot-uidlist") {
        UidList uids;
        for (auto piece = read(piece_bytes); !piece.empty(); piece = read(piece_bytes)) {
            list_bytes_ += std::min(piece.size(), most_list_bytes - list_bytes_);
            if (list_bytes_ == most_list_bytes) break;
            uids.feed(piece);
        }
        uid_lists_.insert_or_assign(std::string(folder), std::move(uids));
    } else if (is_eml_name(name)) {
        (void)folder_at(folder, false);
    } else if (is_bookkeeping(name)) {
        return;
    } else if (const std::string start(read(mbox_start_bytes));
               starts_like_mbox(start) || (start.empty() && may_be_empty_mbox(name))) {
        mboxes_.emplace(ordinal, folder_at(path, true));
    } else {
        warnings.add(WarningKind::skipped, escaped(path) + ": not a form of mail that is known, skipped");
    }
}

void ArchiveIndex::add_link(std::string_view path, std::string_view target) {
    const auto folder = folder_of_message(path);
    if (!folder) return;
    if (++link_count_ > most_links)
        throw Error(Errc::corrupt, "more than " + std::to_string(most_links) + " hard links in one archive");
    (void)folder_at(*folder, false);
    links_[std::string(target)].emplace_back(path);
}

void ArchiveIndex::finish(Warnings& warnings) {
    details_.resize(folders_.size());
    if (list_bytes_ == most_list_bytes)
        warnings.add(WarningKind::folder_metadata, "more than " + std::to_string(most_list_bytes) +
                                                       " bytes of lists about folders; the rest is not looked at");
    apply_keywords(warnings);
    apply_uid_lists(warnings);
    apply_subscriptions();
    drop_parts_before_root();
    keywords_.clear();
    more_keywords_.clear();
    uid_lists_.clear();
    subscriptions_.clear();
}

void ArchiveIndex::apply_keywords(Warnings& warnings) {
    for (const auto& [path, text] : keywords_) {
        const auto folder = maildirs_.find(path);
        if (folder == maildirs_.end()) continue;
        std::vector<std::string> problems;
        details_[folder->second].marks.letters = parse_dovecot_keywords(text, problems);
        for (const auto& problem : problems)
            warnings.add(WarningKind::keywords_file, escaped(path) + "/dovecot-keywords:" + problem);
    }
    for (const auto& [path, text] : more_keywords_)
        if (const auto folder = maildirs_.find(path); folder != maildirs_.end())
            details_[folder->second].marks.more = parse_more_keywords(text);
}

void ArchiveIndex::apply_uid_lists(Warnings& warnings) {
    for (auto& [path, uids] : uid_lists_) {
        const auto folder = maildirs_.find(path);
        if (folder == maildirs_.end()) continue;
        uids.finish();
        for (const auto& problem : uids.problems())
            warnings.add(WarningKind::folder_metadata, escaped(path) + "/dovecot-uidlist:" + problem);
        details_[folder->second].uids = std::move(uids);
    }
}

void ArchiveIndex::apply_subscriptions() {
    if (subscriptions_.empty()) return;
    // Sorted by name, the folders in a folder are together.
    std::vector<std::size_t> by_name(folders_.size());
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::sort(by_name.begin(), by_name.end(),
              [&](std::size_t a, std::size_t b) { return folders_[a].name < folders_[b].name; });
    for (const auto& [path, text] : subscriptions_) {
        std::set<FolderName> subscribed;
        const FolderName root = name_of(path);
        for (const auto& line : parse_subscriptions(text))
            for (const auto& parts : parts_of_subscription(line, maildirs_.contains(path)))
                subscribed.insert(joined(root, parts));
        for (auto at = std::lower_bound(by_name.begin(), by_name.end(), root,
                                        [&](std::size_t i, const FolderName&name) { return folders_[i].name < name; });
             at != by_name.end() && starts_with(folders_[*at].name, root); ++at)
            if (auto& folder = folders_[*at]; folder.name.size() > root.size())
                folder.subscribed = subscribed.contains(folder.name);
    }
}

void ArchiveIndex::drop_parts_before_root() {
    FolderPlaces places{.folders = std::move(mbox_places_)};
    std::set<std::string_view> parents;
    for (const auto& [path, folder] : maildirs_) {
        places.folders.push_back(folders_[folder].name);
        const auto [parent, name] = split(path);
        if (name.starts_with('.') && maildirs_.contains(std::string(parent))) parents.insert(parent);
    }
    for (const auto parent : parents) places.with_children.push_back(name_of(parent));
    for (const auto& [path, text] : subscriptions_) places.with_lists.push_back(name_of(path));
    const auto count = static_cast<std::ptrdiff_t>(parts_before_root(places));
    for (auto& folder : folders_) folder.name.erase(folder.name.begin(), folder.name.begin() + count);
}

// Of a maildir's message or a single one.
std::optional<std::size_t> ArchiveIndex::message_folder(std::string_view path) const {
    const auto folder = folder_of_message(path);
    const auto found = folder ? maildirs_.find(std::string(*folder)) : maildirs_.end();
    return found == maildirs_.end() ? std::nullopt : std::optional(found->second);
}

ArchiveIndex::Place ArchiveIndex::place_of(std::uint64_t ordinal, std::string_view path) const {
    if (const auto mbox = mboxes_.find(ordinal); mbox != mboxes_.end()) return {Role::mbox, mbox->second};
    return place_of_link(path);
}

ArchiveIndex::Place ArchiveIndex::place_of_link(std::string_view path) const {
    const auto folder = message_folder(path);
    if (!folder) return {};
    return {holds_messages(split(split(path).folder).name) ? Role::maildir_message : Role::eml, *folder};
}

std::vector<std::string> ArchiveIndex::take_links_to(const std::string& target) {
    const auto found = links_.find(target);
    if (found == links_.end()) return {};
    auto paths = std::move(found->second);
    links_.erase(found);
    return paths;
}

std::optional<std::pair<std::string, std::string>> ArchiveIndex::take_dangling_link() {
    while (!links_.empty()) {
        const auto first = links_.begin();
        if (first->second.empty()) {
            links_.erase(first);
            continue;
        }
        std::pair<std::string, std::string> link{std::move(first->second.back()), first->first};
        first->second.pop_back();
        return link;
    }
    return std::nullopt;
}

}  // namespace mox::intake
