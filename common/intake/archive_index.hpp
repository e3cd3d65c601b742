#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "intake/dovecot_files.hpp"
#include "intake/mail_tree.hpp"
#include "intake/maildir_marks.hpp"

namespace mox::intake {

// What the members of an archive are, from their paths and the starts of their contents. Built in one pass over the
// archive, asked in another. Memory: by folder and mbox, and by message that mox-keywords names; not by message else.
class ArchiveIndex {
public:
    enum class Role { nothing, maildir_message, eml, mbox };
    struct Place {
        Role role = Role::nothing;
        std::size_t folder = 0;
    };
    struct Folder {
        MaildirMarks marks;
        UidList uids;
    };

    // Contents of a member, asked for only where they matter: up to `limit` bytes.
    using Read = std::function<std::string(std::size_t limit)>;
    // A member of the first pass; `ordinal` counts members.
    void add_file(std::uint64_t ordinal, std::string_view path, const Read& read, Warnings& warnings);
    void add_folder(std::string_view path);
    void finish(Warnings& warnings);

    [[nodiscard]] const std::vector<TreeFolder>& folders() const { return folders_; }
    [[nodiscard]] const Folder& details(std::size_t folder) const { return details_[folder]; }
    // A member of the second pass.
    [[nodiscard]] Place place_of(std::uint64_t ordinal, std::string_view path) const;

private:
    std::size_t folder_at(std::string_view path, bool is_mbox);

    std::vector<TreeFolder> folders_;
    std::vector<Folder> details_;                            // as folders_
    std::unordered_map<std::string, std::size_t> maildirs_;  // by path; folders of .eml files too
    std::unordered_map<std::uint64_t, std::size_t> mboxes_;  // by ordinal
    // Texts, by path of the folder.
    std::unordered_map<std::string, std::string> keywords_, more_keywords_, uid_lists_, subscriptions_;
};

}  // namespace mox::intake
