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
#include "intake/warnings.hpp"
#include "model/flags.hpp"

// One message of foreign mail, in two steps: a MessageSource (intake/source.hpp) finds it on the reading thread, and
// convert() turns it into the form in which messages are stored, on any thread.

namespace mox::intake {

// A message that is a part of a larger file: its bytes as they stand there, without what only separates entries.
struct InlineBody {
    ByteBuffer bytes;
    // Take flags, keywords and labels from the fields that mbox files have for them. False for formats without.
    bool is_mbox = true;
    bool quoted = true;  // with is_mbox: undo mboxrd quoting
    bool exact = false;  // without is_mbox: as in FileBody
};

// A message that has a file of its own, opened only by convert(). The folder (intake/message_folder.hpp) stays open as
// long as a message needs it.
class MessageFolder;
struct FileBody {
    std::shared_ptr<MessageFolder> folder;
    std::string directory;  // "new" or "cur"; "" in a folder of single messages
    std::string name;
    bool exact = false;  // the file has the stored form (intake/exported.hpp): nothing is converted
};

enum class FailureKind {
    vanished,    // removed or renamed by someone else while the folder was read
    not_a_file,  // a symbolic link, FIFO, device
    unreadable,  // permission denied, I/O error: see reason
    too_large,   // more than the limit
    unsafe,      // a name in an archive that leads out of it
};
struct Failure {
    FailureKind kind = FailureKind::unreadable;
    std::string reason;  // names the file; without a final full stop
};
[[nodiscard]] Failure too_large_failure(const std::string& origin, std::uint64_t max_bytes);

enum class ReceivedFrom { nothing, from_line, file_name, file_time, received_header, date_header };

struct RawMessage {
    std::string origin;              // for people: "in.mbox:1042" (path and line) or the path of the file
    std::uint64_t offset_bytes = 0;  // of the entry in its file; 0 for files of their own
    std::variant<InlineBody, FileBody> body;
    model::FlagsAndKeywords marks;      // known before reading, from the file name
    std::optional<Timestamp> received;  // known before reading: From line or file name
    // The time of the file, when it has to do with delivery: counts before the header. Of a FileBody in a maildir it is
    // found by convert().
    std::optional<Timestamp> file_time;
    std::optional<Timestamp> last_resort;  // counts when nothing else tells
    // Sorts messages of a mailbox that come in another order than the one they should have: smaller first, equal ones
    // as they come. All 0 where the order is right.
    std::int64_t order = 0;
    std::vector<Warning> warnings;   // of finding it; convert() passes them on
    std::optional<Failure> failure;  // known before reading

    // Memory that the message occupies while it waits and is converted: its weight in a pipeline.
    [[nodiscard]] std::size_t memory_bytes() const;
};

struct Metadata {
    std::string origin;  // of the raw message; the current file name when it was renamed meanwhile
    model::FlagsAndKeywords marks;
    std::vector<std::string> labels;    // of X-Gmail-Labels, decoded, in their order
    std::optional<Timestamp> received;  // nullopt: nothing tells, the importer's clock decides
    ReceivedFrom received_from = ReceivedFrom::nothing;
    std::uint64_t size_bytes = 0;   // what the sink got
    std::vector<Warning> warnings;  // oddities that were kept as they are; at most one of each kind
    // The message could not be read: whatever the sink got is to be thrown away. Whether to go on is the caller's
    // choice.
    std::optional<Failure> failure;
};

// A message keeps at most so many keywords, and so many rejected names; more are counted in a warning.
inline constexpr std::size_t max_keywords_per_message = 1000;

// Messages of more bytes than this are refused unless a caller says otherwise.
inline constexpr std::uint64_t default_max_message_bytes = 1U << 30U;

using Sink = std::function<void(std::span<const std::byte>)>;

// Streams the message to `sink` in its stored form and returns what is known about it. Stored form: every line ends in
// CRLF, also the last, and nothing else changes (a CR within a line and NUL bytes stay); an empty message stays empty.
// Pieces are 1 to 65,536 bytes and valid only during the call. Memory does not depend on the size of the message.
//
// Received, the first that is there: From line or file name; time of the file in a maildir; the first Received field;
// Date field; time of a file that is no maildir's; nothing.
//
// Callable from many threads for different messages. Bad content is never an error, and an unreadable file, or one of
// more than `max_bytes`, is a `failure`; throws what `sink` throws, and Interrupted.
[[nodiscard]] Metadata convert(const RawMessage& message, const Sink& sink,
                               std::uint64_t max_bytes = default_max_message_bytes);

}  // namespace mox::intake
