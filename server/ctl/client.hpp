#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "datadir/layout.hpp"
#include "server/ctl/commands.hpp"

namespace mox::ctl {

// For programs that ask a running server. Blocks; not for the server itself.
class Client {
public:
    struct Answer {
        std::function<void(std::string_view line)> line;
        std::function<void(std::string_view message, std::string_view hint)> warning;
    };

    // nullopt: no server runs on the directory. Throws Error{failed} when one may run but cannot be asked: its socket
    // belongs to somebody else.
    [[nodiscard]] static std::optional<Client> connect(const datadir::Layout& layout);

    // Asks for one thing, and hands on what comes until it is done: the exit code. Throws the Error that the command
    // met, and Error{failed} when the server ends meanwhile. Once for each Client.
    [[nodiscard]] int ask(const Request& request, const Answer& answer);

private:
    explicit Client(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace mox::ctl
