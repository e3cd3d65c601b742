#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "intake/dovecot_files.hpp"
#include "intake/folder_names.hpp"
#include "intake/mail_tree.hpp"
#include "intake/maildir_marks.hpp"

namespace mox::intake {

// What the members of an archive are, from their paths and the starts of their contents. Built in one pass over the
// archive, asked in another. Memory: by folder and mbox, and by message that dovecot-uidlist or mox-keywords names or
// that is a hard link; both are limited.
class ArchiveIndex {
public:
    // Throws Error{corrupt} for more: no account has so many, and each takes memory.
    static constexpr std::size_t most_folders = 250'000;
    static constexpr std::size_t most_links = 4'000'000;
    // Of all files about folders together; what comes after is a warning.
    static constexpr std::size_t most_list_bytes = 512U << 20U;

    enum class Role { nothing, maildir_message, eml, mbox };
    struct Place {
        Role role = Role::nothing;
        std::size_t folder = 0;
    };
    struct Folder {
        MaildirMarks marks;
        UidList uids;
    };

    // The next piece of a member's contents, of up to `most` bytes, valid until the next call; empty only at the end.
    // Asked for only where contents matter.
    using Read = std::function<std::string_view(std::size_t most)>;
    // A member of the first pass; `ordinal` counts members.
    void add_file(std::uint64_t ordinal, std::string_view path, const Read& read, Warnings& warnings);
    void add_folder(std::string_view path);
    // A hard link to a member that came before.
    void add_link(std::string_view path, std::string_view target);
    void finish(Warnings& warnings);

    [[nodiscard]] const std::vector<TreeFolder>& folders() const { return folders_; }
    [[nodiscard]] const Folder& details(std::size_t folder) const { return details_[folder]; }
    // A member of the second pass.
    [[nodiscard]] Place place_of(std::uint64_t ordinal, std::string_view path) const;
    [[nodiscard]] Place place_of_link(std::string_view path) const;
    // Paths of the hard links to a member, each once.
    [[nodiscard]] std::vector<std::string> take_links_to(const std::string& target);
    // A link whose target never came, and the target.
    [[nodiscard]] std::optional<std::pair<std::string, std::string>> take_dangling_link();

private:
    std::size_t folder_at(std::string_view path, bool is_mbox);
    [[nodiscard]] std::optional<std::size_t> message_folder(std::string_view path) const;
    std::string take_list(const Read& read, std::size_t limit);
    void apply_keywords(Warnings& warnings);
    void apply_uid_lists(Warnings& warnings);
    void apply_subscriptions();
    void drop_parts_before_root();

    std::vector<TreeFolder> folders_;
    std::vector<Folder> details_;                            // as folders_
    std::vector<FolderName> mbox_places_;                    // of the folders that hold mbox files
    std::unordered_map<std::string, std::size_t> maildirs_;  // by path; folders of .eml files too
    std::unordered_map<std::uint64_t, std::size_t> mboxes_;  // by ordinal
    // By path of the folder.
    std::unordered_map<std::string, std::string> keywords_, more_keywords_, subscriptions_;
    std::unordered_map<std::string, UidList> uid_lists_;
    std::size_t list_bytes_ = 0;
    std::unordered_map<std::string, std::vector<std::string>> links_;  // by target
    std::size_t link_count_ = 0;
};

}  // namespace mox::intake
