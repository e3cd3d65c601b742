#include "intake/archive_index.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/encoding.hpp"
#include "intake/folder_names.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t max_keywords_bytes = 65536;
constexpr std::size_t max_more_keywords_bytes = 64U << 20U;
constexpr std::size_t max_list_bytes = 256U << 20U;

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

// The name of a mailbox at a path. Leading folders that only say that there is mail are left out.
FolderName name_of(std::string_view path) {
    constexpr std::array<std::string_view, 6> wrappers{"maildir", ".maildir",      "mail",
                                                       "takeout", "local folders", "mails"};
    FolderName name;
    bool leading = true;
    while (!path.empty()) {
        const auto end = std::min(path.find('/'), path.size());
        const auto part = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        leading = leading && std::find(wrappers.begin(), wrappers.end(), ascii_lower(part)) != wrappers.end();
        if (!leading) name = joined(name, parts_of_folder(part));
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

}  // namespace

std::size_t ArchiveIndex::folder_at(std::string_view path, bool is_mbox) {
    TreeFolder folder{.origin = escaped(path.empty() ? std::string_view(".") : path)};
    if (is_mbox) {
        const auto [parent, file] = split(path);
        folder.name = joined(name_of(parent), parts_of_mbox(file));
    } else {
        const auto known = maildirs_.find(std::string(path));
        if (known != maildirs_.end()) return known->second;
        maildirs_.emplace(path, folders_.size());
        folder.name = name_of(path);
    }
    folders_.push_back(std::move(folder));
    return folders_.size() - 1;
}

void ArchiveIndex::add_folder(std::string_view path) {
    const auto [parent, name] = split(path);
    if (holds_messages(name)) (void)folder_at(parent, false);
}

void ArchiveIndex::add_file(std::uint64_t ordinal, std::string_view path, const Read& read, Warnings& warnings) {
    const auto [folder, name] = split(path);
    const auto [parent, folder_name] = split(folder);
    if (holds_messages(folder_name)) {
        (void)folder_at(parent, false);
    } else if (folder_name == "tmp" || is_within_skipped_folder(path)) {
        return;
    } else if (name == "dovecot-keywords") {
        keywords_[std::string(folder)] = read(max_keywords_bytes);
    } else if (name == keywords_overflow_file) {
        more_keywords_[std::string(folder)] = read(max_more_keywords_bytes);
    } else if (name == "dovecot-uidlist") {
        uid_lists_[std::string(folder)] = read(max_list_bytes);
    } else if (name == "subscriptions") {
        subscriptions_[std::string(folder)] = read(max_list_bytes);
    } else if (is_bookkeeping(name)) {
        return;
    } else if (is_eml_name(name)) {
        (void)folder_at(folder, false);
    } else if (const std::string start = read(5); start == "From " || (start.empty() && may_be_empty_mbox(name))) {
        mboxes_.emplace(ordinal, folder_at(path, true));
    } else {
        warnings.add(WarningKind::skipped, escaped(path) + ": not a form of mail that is known, skipped");
    }
}

void ArchiveIndex::finish(Warnings& warnings) {
    details_.resize(folders_.size());
    for (const auto& [path, folder] : maildirs_) {
        if (const auto text = keywords_.find(path); text != keywords_.end()) {
            std::vector<std::string> problems;
            details_[folder].marks.letters = parse_dovecot_keywords(text->second, problems);
            for (const auto& problem : problems)
                warnings.add(WarningKind::keywords_file, escaped(path) + "/dovecot-keywords:" + problem);
        }
        if (const auto text = more_keywords_.find(path); text != more_keywords_.end())
            details_[folder].marks.more = parse_more_keywords(text->second);
        if (const auto text = uid_lists_.find(path); text != uid_lists_.end()) {
            UidList& uids = details_[folder].uids;
            uids.feed(text->second);
            for (const auto& problem : uids.problems())
                warnings.add(WarningKind::folder_metadata, escaped(path) + "/dovecot-uidlist:" + problem);
        }
        details_[folder].uids.finish();
    }
    for (const auto& [path, text] : subscriptions_) {
        std::set<FolderName> subscribed;
        const FolderName root = name_of(path);
        for (const auto& line : parse_subscriptions(text))
            for (const auto& parts : parts_of_subscription(line, maildirs_.contains(path)))
                subscribed.insert(joined(root, parts));
        for (auto& folder : folders_) {
            const bool is_below =
                folder.name.size() > root.size() && std::equal(root.begin(), root.end(), folder.name.begin());
            if (is_below) folder.subscribed = subscribed.contains(folder.name);
        }
    }
    keywords_.clear();
    more_keywords_.clear();
    uid_lists_.clear();
    subscriptions_.clear();
}

ArchiveIndex::Place ArchiveIndex::place_of(std::uint64_t ordinal, std::string_view path) const {
    if (const auto mbox = mboxes_.find(ordinal); mbox != mboxes_.end()) return {Role::mbox, mbox->second};
    const auto [folder, name] = split(path);
    const auto [parent, folder_name] = split(folder);
    const bool in_maildir = holds_messages(folder_name);
    if (!in_maildir && (!is_eml_name(name) || folder_name == "tmp" || is_within_skipped_folder(path))) return {};
    const auto found = maildirs_.find(std::string(in_maildir ? parent : folder));
    if (found == maildirs_.end()) return {};
    return {in_maildir ? Role::maildir_message : Role::eml, found->second};
}

}  // namespace mox::intake
