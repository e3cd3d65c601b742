#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "intake/source.hpp"

namespace mox::intake {

// A folder of foreign mail that becomes a mailbox.
struct TreeFolder {
    std::string origin;             // for people: the path of the maildir, the mbox file, …
    std::vector<std::string> name;  // its parts, outermost first, any bytes; empty: the root, whose mail was the inbox
    bool subscribed = true;
};

struct TreeMessage {
    RawMessage message;
    std::size_t folder = 0;  // index into MailTree::folders()
};

// How far reading is. Of an archive bytes are known, of maildirs messages; `done` and `total` are in whatever unit.
struct TreeProgress {
    std::optional<std::uint64_t> total_messages;
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: not known
};

// Foreign mail of any number of folders, in one stream. One thread at a time. next() throws as MessageSource does; a
// folder that cannot be read is a message with a `failure`, and the next one is tried. Messages outlive their tree.
class MailTree {
public:
    MailTree() = default;
    MailTree(const MailTree&) = delete;
    MailTree& operator=(const MailTree&) = delete;
    virtual ~MailTree() = default;

    // What was found, for people: "a Maildir++ with 12 folders".
    [[nodiscard]] virtual std::string description() const = 0;
    // All of them, also those without messages, from the start.
    [[nodiscard]] virtual const std::vector<TreeFolder>& folders() const = 0;
    // Folders to read, by index; all without this call. Before the first next().
    virtual void select(std::vector<bool> wanted) = 0;

    [[nodiscard]] virtual std::optional<TreeMessage> next() = 0;  // nullopt at the end
    [[nodiscard]] virtual TreeProgress progress() const = 0;
    // Those since the last call.
    [[nodiscard]] virtual Warnings take_warnings() = 0;
};

struct TreeOptions {
    SourceOptions source;
    // Called now and then while it is looked at what there is, before the first message.
    std::function<void(const TreeProgress&)> looking_around;
    // What was read of an archive before it turned out to be damaged or cut off counts; the rest is one `failure`.
    bool keep_partial = false;
};

// A single source as a tree of one folder, the root.
[[nodiscard]] std::unique_ptr<MailTree> tree_of(std::unique_ptr<MessageSource> source, std::string origin);

// A folder with mail somewhere below it: Maildir++ and nested maildirs, mbox files (Thunderbird's profile, Google
// Takeout too), files ending in .eml, in any mixture. Symbolic links are not followed, but `path` may be one.
//  - A folder with cur and new is a maildir. Folders ".A.B" in it, or beside others of the kind, are its Maildir++
//    folders "A/B"; other folders in it are looked through as well. The root of all is the inbox.
//  - A file that starts with "From " is an mbox, named as the file without .mbox; one called "mbox" is named as its
//    folder. "X.sbd" and "X.mbox" are folders called "X"; "X.mozmsgs" and what is no mail are skipped.
//  - Files ending in .eml are messages of the folder they are in.
//  - Folders that hold everything and only say where it was are not part of names (intake/folder_root.hpp).
//  - Names with modified UTF-7 are decoded. `subscriptions` of a Maildir++ tells what is subscribed.
[[nodiscard]] std::unique_ptr<MailTree> open_disk_tree(const std::filesystem::path& path, const TreeOptions& options);

// An archive (zip, tar, tar.gz, tar.bz2, tar.xz, tar.zst) that holds any of these. It is read twice: keywords, order
// and subscriptions may come after the messages. Nothing is unpacked to disk.
//  - Members with an absolute path or ".." are a `failure`. A hard link is the message that it names again, or a
//    `failure` when there is none before it; other links and devices are skipped with a warning.
//  - Errc::corrupt for one that is damaged, cut off, encrypted, or that unpacks to more than 200 times its size.
[[nodiscard]] std::unique_ptr<MailTree> open_archive_tree(const std::filesystem::path& path,
                                                          const TreeOptions& options);

// Whatever is at `path`: a folder of mail, an mbox file, an archive. Errc::unknown_format for anything else.
[[nodiscard]] std::unique_ptr<MailTree> open_tree(const std::filesystem::path& path, const TreeOptions& options);

}  // namespace mox::intake
