#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "intake/byte_buffer.hpp"
#include "model/flags.hpp"

// One message of foreign mail, in two steps: a MessageSource (intake/source.hpp) finds it on the reading thread, and
// convert() turns it into the form in which messages are stored, on any thread.

namespace mox::intake {

// A message that is a part of a larger file: its bytes as they stand there, without what only separates entries.
struct InlineBody {
    ByteBuffer bytes;
    // Undo mboxrd quoting and take flags from Status, X-Status and X-Keywords. False for formats without either.
    bool is_mbox = true;
};

// A message that has a file of its own, opened only by convert(). The folder (intake/message_folder.hpp) stays open as
// long as a message needs it.
class MessageFolder;
struct FileBody {
    std::shared_ptr<MessageFolder> folder;
    std::string directory;  // "new" or "cur"
    std::string name;
    bool exact = false;  // the file has the stored form (intake/exported.hpp): nothing is converted
};

struct RawMessage {
    std::string origin;              // for people: "in.mbox:1042" (path and line) or the path of the file
    std::uint64_t offset_bytes = 0;  // of the entry in its file; 0 for files of their own
    std::variant<InlineBody, FileBody> body;
    model::FlagsAndKeywords marks;      // known before reading, from the file name
    std::optional<Timestamp> received;  // known before reading: From line or file name
    std::vector<std::string> warnings;  // of finding it; convert() passes them on

    // Memory that the message occupies while it waits and is converted: its weight in a pipeline.
    [[nodiscard]] std::size_t memory_bytes() const;
};

enum class FailureKind {
    vanished,    // removed or renamed by someone else while the folder was read
    not_a_file,  // a symbolic link, FIFO, device
    unreadable,  // permission denied, I/O error: see reason
};
struct Failure {
    FailureKind kind = FailureKind::unreadable;
    std::string reason;  // names the file; without a final full stop
};

enum class ReceivedFrom { nothing, from_line, file_name, file_time, date_header };

struct Metadata {
    std::string origin;  // of the raw message; the current file name when it was renamed meanwhile
    model::FlagsAndKeywords marks;
    std::optional<Timestamp> received;  // nullopt: nothing tells, the importer's clock decides
    ReceivedFrom received_from = ReceivedFrom::nothing;
    std::uint64_t size_bytes = 0;       // what the sink got
    std::vector<std::string> warnings;  // oddities that were kept as they are; at most one of each kind
    // The message could not be read: whatever the sink got is to be thrown away. Whether to go on is the caller's
    // choice.
    std::optional<Failure> failure;
};

// A message keeps at most so many keywords, and so many rejected names; more are counted in a warning.
inline constexpr std::size_t max_keywords_per_message = 1000;

using Sink = std::function<void(std::span<const std::byte>)>;

// Streams the message to `sink` in its stored form and returns what is known about it. Stored form: every line ends in
// CRLF, also the last, and nothing else changes (a CR within a line and NUL bytes stay); an empty message stays empty.
// Pieces are 1 to 65,536 bytes and valid only during the call. Memory does not depend on the size of the message.
//
// Received, the first that is there: From line or file name; time of the file; Date field; nothing.
//
// Callable from many threads for different messages. Bad content is never an error, and an unreadable file is a
// `failure`; throws what `sink` throws, and Interrupted.
[[nodiscard]] Metadata convert(const RawMessage& message, const Sink& sink);

}  // namespace mox::intake
