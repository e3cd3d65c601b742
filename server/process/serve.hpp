#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "server/ctl/commands.hpp"
#include "server/log/sink.hpp"

namespace mox::process {

struct Options {
    std::filesystem::path config_file;             // mox.conf
    std::vector<ctl::Command> more_commands = {};  // for the control socket, beside ctl::own_commands()
    log::Sink* sink = nullptr;                     // outlives the call
    std::function<void()> on_ready = {};           // when connections are taken; may print
};

// The server, from its start to its end: reads the configuration and the keys, puts permissions right, binds all
// sockets, gives up what root may do, and only then reads a byte of a client. Returns when it was stopped (SIGTERM,
// SIGINT, `mox stop`). Throws Error when it cannot start: unusable configuration, a port that is taken, no such user, a
// directory of somebody else, already served (Errc::locked). Once in a process; no other thread may exist before.
void serve(const Options& options);

}  // namespace mox::process
