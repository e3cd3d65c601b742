#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "archive/format.hpp"
#include "base/fd.hpp"
#include "outlet/contents.hpp"
#include "outlet/folder_name.hpp"
#include "outlet/message.hpp"

// Mail for other programs: mailboxes one after the other into a file, a folder or an archive.

namespace mox::outlet {

struct MailboxInfo {
    std::string name;
    std::uint32_t uidvalidity = 0, uidnext = 0;
    // How many of its messages have a keyword or one of the flags $Junk and the like, by name.
    std::map<std::string, std::int64_t> keyword_counts;
};

// What prepare() made of a message: `text`, or the contents to stream when they are large.
struct Piece {
    Message message;
    std::string name;      // of its file, in a maildir
    std::string keywords;  // those that have no letter, separated by blanks
    std::string text;
    Contents large;
};

// One mailbox. prepare() is called from any thread, write() in the order of UIDs from one.
class Folder {
public:
    Folder() = default;
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    virtual ~Folder() = default;

    [[nodiscard]] virtual Piece prepare(Message&& message, Contents&& contents) = 0;
    virtual void write(Piece&& piece) = 0;
    virtual void close() = 0;
};

// One export. Nothing of it is visible before commit(), unless it goes to a stream; when that is not reached, nothing
// stays. One thread at a time. Errors are those of base/file.hpp.
class Writer {
public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    virtual ~Writer() = default;

    // The folder must be closed or gone before the next one is opened and before the writer is.
    [[nodiscard]] virtual std::unique_ptr<Folder> open(const MailboxInfo& mailbox) = 0;
    // Names of mailboxes that the user sees; only where there are several mailboxes.
    virtual void write_subscriptions(const std::vector<std::string>& names) = 0;
    virtual void commit() = 0;
};

// `target` must not exist. One mailbox in one mbox file or one maildir; several in a folder.
[[nodiscard]] std::unique_ptr<Writer> mbox_file(const std::filesystem::path& target);
[[nodiscard]] std::unique_ptr<Writer> mbox_tree(const std::filesystem::path& target);
// One mailbox as an mbox into an open file or pipe; `name` stands for it in messages.
[[nodiscard]] std::unique_ptr<Writer> mbox_stream(UniqueFd fd, std::string name);
[[nodiscard]] std::unique_ptr<Writer> maildir(const std::filesystem::path& target);
[[nodiscard]] std::unique_ptr<Writer> maildir_tree(const std::filesystem::path& target, Layout layout);

// A tar of what maildir() or maildir_tree() would make, without a folder around it.
struct ArchiveOptions {
    archive::Format format = archive::Format::tar_zstd;
    std::optional<Layout> layout;  // nullopt: one maildir
    unsigned threads = 1;          // that compress
};
[[nodiscard]] std::unique_ptr<Writer> archive_file(const std::filesystem::path& target, const ArchiveOptions& options);
[[nodiscard]] std::unique_ptr<Writer> archive_stream(UniqueFd fd, std::string name, const ArchiveOptions& options);

// Why the mailbox cannot be a file or folder in this layout, for people (a part of the path is too long for a file
// system); "" when it can.
[[nodiscard]] std::string path_problem(const std::string& mailbox, Layout layout);

}  // namespace mox::outlet
