#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "intake/message.hpp"

namespace mox::intake {

struct Progress {
    std::uint64_t messages = 0;                   // returned so far
    std::optional<std::uint64_t> total_messages;  // known for folders
    std::uint64_t bytes = 0;                      // read so far; 0 for folders, whose files are read by convert()
    std::optional<std::uint64_t> total_bytes;     // known for regular files
};

// Foreign mail, one message after the other.
//
// One thread at a time. next() throws Error{corrupt} naming the place ("in.mbox:1"), Error{failed} for I/O, and
// Interrupted; after that only destruction is allowed. Messages outlive their source.
class MessageSource {
public:
    MessageSource() = default;
    MessageSource(const MessageSource&) = delete;
    MessageSource& operator=(const MessageSource&) = delete;
    virtual ~MessageSource() = default;

    [[nodiscard]] virtual std::optional<RawMessage> next() = 0;  // nullopt at the end
    [[nodiscard]] virtual Progress progress() const = 0;

    [[nodiscard]] const Warnings& warnings() const { return warnings_; }
    // The same, which are forgotten: so a source that warns again and again takes no memory for it.
    [[nodiscard]] Warnings take_warnings() { return std::exchange(warnings_, {}); }

protected:
    Warnings warnings_;
};

// A file of messages in mbox form (RFC 4155, and mboxrd's quoting), "-" for standard input; FIFOs and devices are
// fine. An empty file has no messages. Rules:
//  - An entry starts with a line "From …": the first line of the file, or a line after an empty line or after another
//    From line whose text is a sender and a date (intake/from_line.hpp). Any other line that starts with "From " is
//    text; after an empty line it is counted as a warning, since it should have been quoted.
//  - One empty line at the end of an entry separates entries and is not part of the message.
//  - Empty lines before the first entry are skipped with a warning; any other text there is Error{corrupt}.
//  - An entry with a Content-Length that is right, so that the entry is followed by a From line with a date or by the
//    end of the file, has exactly that many bytes of body (mboxcl, mboxcl2). Where its body has a line "From …" that is
//    not quoted, nothing in it is unquoted. It is looked at in files, and elsewhere in entries of less than 1 MiB;
//    after ten that are wrong no other is.
//  - An entry of more than `max_message_bytes` is passed over, in constant memory, and is a `failure`.
// Throws Error{not_found} or Error{failed} when the file cannot be opened.
struct SourceOptions {
    std::uint64_t max_message_bytes = default_max_message_bytes;
};
[[nodiscard]] std::unique_ptr<MessageSource> open_mbox(const std::filesystem::path& path,
                                                       const SourceOptions& options = {});
// The same for an open file, pipe or socket at its current position; `name` stands for it in messages.
[[nodiscard]] std::unique_ptr<MessageSource> open_mbox(UniqueFd fd, std::string name,
                                                       const SourceOptions& options = {});

// Bytes from anywhere, such as an entry of an archive.
struct ByteInput {
    std::string name;  // for people
    // Fills the start of the buffer and returns how much, at least 1 byte; 0 only at the end. May throw Error.
    std::function<std::size_t(std::span<std::byte>)> read;
    std::optional<std::uint64_t> total_bytes;  // when known
    // Where bytes can be had out of order: fills the start of the buffer from a position, counted from the first byte
    // that read() gives, and returns how much, less only at the end. Empty elsewhere.
    std::function<std::size_t(std::uint64_t, std::span<std::byte>)> read_at;
};
[[nodiscard]] std::unique_ptr<MessageSource> open_mbox(ByteInput input, const SourceOptions& options = {});

// A folder in maildir form. Its subfolders new and cur must exist, tmp is ignored.
//  - Order: first the messages that the file dovecot-uidlist has, in its order; then new, then cur; within each by the
//    number that a name starts with (delivery time), then by name.
//  - Folders within new and cur, and names starting with a dot, are no messages and are skipped with a warning.
//  - Symbolic links are not followed, since whoever can write to the maildir could make a privileged import read any
//    file: a link is a message with a `failure`, as are FIFOs and devices, which are never opened. For the same reason
//    new and cur may not be links; `path` may.
//  - A file that was renamed since it was listed (flags changed, moved from new to cur) is found by its base name.
//  - Letters a to z in names are keywords by the file dovecot-keywords in the maildir or else beside it.
// Throws Error{not_found} or Error{failed} naming the folder that is missing or cannot be read.
struct MaildirOptions {
    bool keywords_beside = true;  // look beside the maildir too; in a tree of maildirs each has its own file
    bool may_lack_new = false;    // a missing folder new or cur is an empty one
};
[[nodiscard]] std::unique_ptr<MessageSource> open_maildir(const std::filesystem::path& path,
                                                          const MaildirOptions& options = {});

// The files of a folder whose names end in .eml, in any case, each a message; in the order of maildir names. Links,
// FIFOs and devices are as in a maildir. Other files are ignored, and so are those that macOS adds ("._x.eml"). Errors
// as open_maildir().
[[nodiscard]] std::unique_ptr<MessageSource> open_eml_folder(const std::filesystem::path& path);
[[nodiscard]] bool is_eml_name(std::string_view name);
// One file with a message, however it is called.
[[nodiscard]] std::unique_ptr<MessageSource> open_eml_file(const std::filesystem::path& path);

}  // namespace mox::intake
