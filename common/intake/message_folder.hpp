#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "intake/message.hpp"

namespace mox::intake {

// A folder whose messages are files. Shared by the messages found in it; callable from many threads.
class MessageFolder {
public:
    struct Opened {
        UniqueFd fd;  // a regular file, at its start; none with a failure
        std::optional<Failure> failure;
        std::optional<RawMessage> renamed;  // what is known by the current name, when it is no longer the listed one
        std::optional<Timestamp> changed;   // when the contents were last written, if the system has a sensible time
    };

    MessageFolder() = default;
    MessageFolder(const MessageFolder&) = delete;
    MessageFolder& operator=(const MessageFolder&) = delete;
    virtual ~MessageFolder() = default;

    // Never waits for a FIFO. Throws only when the system runs out of descriptors or memory.
    [[nodiscard]] virtual Opened open(const FileBody& file) = 0;
};

}  // namespace mox::intake
